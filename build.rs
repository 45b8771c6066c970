//! Compiles `resources/` into one GResource file, when the window is built.

fn main() {
    #[cfg(feature = "ui")]
    glib_build_tools::compile_resources(
        &["resources"],
        "resources/stonechat.gresource.xml",
        "stonechat.gresource",
    );
}
