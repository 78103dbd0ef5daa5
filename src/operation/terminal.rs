//! Words on stderr for whoever started the command. A file on a full disk takes none: that is no reason to die.

use std::io::Write;

/// Lost where stderr takes nothing.
pub fn note(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Why the command ends: where stderr takes nothing, stdout may.
pub fn last_word(text: &str) {
    if std::io::stderr().lock().write_all(text.as_bytes()).is_err() {
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    }
}
