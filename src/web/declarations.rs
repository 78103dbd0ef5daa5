//! The wire's types as the pages' type check reads them: `assets/js/types.d.ts`, from the types that are sent.
//! `TABLEBELL_RECORD=yes cargo test --lib declarations` writes it anew.

use crate::order::{Pay, Status};
use std::any::TypeId;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use ts_rs::{Config, TS, TypeVisitor};

const FILE: &str = "assets/js/types.d.ts";
const HEAD: &str =
    "// What travels on the wire, made from the Rust types that are sent (src/web/declarations.rs). Don't edit.\n";

/// Types by their names; whoever is added brings what it needs.
struct Declarations {
    config: Config,
    known: BTreeMap<String, (TypeId, String)>,
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if T::output_path().is_some() {
            let (name, id) = (T::ident(&self.config), TypeId::of::<T::WithoutGenerics>());
            if let Some((other, _)) = self.known.get(&name) {
                assert_eq!(*other, id, "two types are called {name}");
                return;
            }
            let docs = T::docs().unwrap_or_default();
            let text = format!("{docs}export {}\n", T::decl(&self.config));
            self.known.insert(name, (id, text));
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

/// Numbers that stand for states on the wire.
macro_rules! numbered {
    ($($enum:ty = $name:literal),+ $(,)?) => {$(
        impl TS for $enum {
            type WithoutGenerics = $enum;
            type OptionInnerType = $enum;

            fn name(_: &Config) -> String {
                $name.into()
            }

            fn inline(_: &Config) -> String {
                <$enum>::ALL.map(|one| (one as i64).to_string()).join(" | ")
            }

            fn decl(config: &Config) -> String {
                format!("type {} = {};", $name, Self::inline(config))
            }

            fn output_path() -> Option<std::path::PathBuf> {
                Some(FILE.into())
            }
        }
    )+};
}

numbered!(Status = "OrderStatus", Pay = "PayStatus");

#[test]
fn the_pages_know_the_types_that_are_sent() {
    let config = Config::new().with_large_int("number");
    let mut declared = Declarations { config, known: BTreeMap::new() };
    super::diner::declare(&mut declared);
    super::admin::declare(&mut declared);
    let mut text = HEAD.to_owned();
    for (_, declaration) in declared.known.values() {
        write!(text, "\n{declaration}").expect("memory takes it");
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    if std::env::var_os("TABLEBELL_RECORD").is_some() {
        std::fs::write(&file, &text).expect("the sources can be written");
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == text, "{FILE} is older than the types: TABLEBELL_RECORD=yes cargo test --lib declarations");
}
