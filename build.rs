//! Compiles `resources/`, and the icon of `data/`, into one GResource file, when
//! the window is built.

fn main() {
    #[cfg(feature = "ui")]
    glib_build_tools::compile_resources(
        &["resources", "data"],
        "resources/stonechat.gresource.xml",
        "stonechat.gresource",
    );
}
