//! What tests of several modules share.

use proptest::test_runner::Config;

/// So many random cases, unless `PROPTEST_CASES` says how many: the everyday loop plays few of them.
pub fn cases(usual: u32) -> Config {
    let mut config = Config::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = usual;
    }
    config
}
