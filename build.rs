//! The pages and sounds are embedded: a file that is new among them has to be embedded too.
fn main() {
    println!("cargo::rerun-if-changed=assets");
}
