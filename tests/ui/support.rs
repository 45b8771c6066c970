//! Finding widgets, waiting for them, and taking pictures of them.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use relm4::gtk::{self, gio, glib, graphene, prelude::*};
use relm4::{RelmApp, adw};

static COMPLAINTS: AtomicU32 = AtomicU32::new(0);
const PATIENCE: Duration = Duration::from_secs(5);

/// Sets up what an application would: resources, and a font of known size.
pub fn prepare() {
    fail_on_complaints();
    stonechat::ui::register_resources();
    // Its start loads the style sheets and the icons.
    let application = adw::Application::builder()
        .application_id(stonechat::ui::APPLICATION_ID)
        .flags(gio::ApplicationFlags::NON_UNIQUE)
        .build();
    application.register(gio::Cancellable::NONE).unwrap();
    RelmApp::<()>::from_app(application);
    let settings = gtk::Settings::default().unwrap();
    settings.set_gtk_font_name(Some("Cantarell 11"));
    settings.set_gtk_enable_animations(false);
}

/// What GTK complains about makes the test fail that caused it.
fn fail_on_complaints() {
    glib::log_set_writer_func(|level, fields| {
        let text = fields
            .iter()
            .find(|field| field.key() == "MESSAGE")
            .and_then(|field| field.value_str());
        let text = text.unwrap_or_default().to_owned();
        match level {
            glib::LogLevel::Error | glib::LogLevel::Critical => {
                eprintln!("{text}\n{}", std::backtrace::Backtrace::force_capture());
                COMPLAINTS.fetch_add(1, Ordering::Relaxed);
            }
            glib::LogLevel::Warning if is_large_heading(&text) => {}
            glib::LogLevel::Warning => {
                eprintln!("{text}");
                COMPLAINTS.fetch_add(u32::from(does_not_fit(&text)), Ordering::Relaxed);
            }
            _ => {}
        }
        glib::LogWriterOutput::Handled
    });
}

/// Whether a warning says that something has less room than it needs, so that
/// words are cut off or go over the edge.
fn does_not_fit(warning: &str) -> bool {
    let signs = ["needs at least", "exceeds", "does not fit"];
    signs.iter().any(|sign| warning.contains(sign))
}

/// libadwaita measures the large heading of a question also where it then shows
/// the small one, which wraps.
fn is_large_heading(warning: &str) -> bool {
    let name = warning
        .split_whitespace()
        .find(|word| word.starts_with("0x"));
    gtk::Window::list_toplevels().iter().any(|window| {
        !all::<gtk::Label>(window, |label| {
            Some(format!("{:?}", label.as_ptr()).as_str()) == name
                && label.has_css_class("title-2")
                && label.ancestor(adw::AlertDialog::static_type()).is_some()
        })
        .is_empty()
    })
}

/// Returns how many complaints there were since the last call.
pub fn take_complaints() -> u32 {
    COMPLAINTS.swap(0, Ordering::Relaxed)
}

/// Runs the main loop until `is_so` holds.
#[track_caller]
pub fn until(what: &str, is_so: impl Fn() -> bool) {
    let context = glib::MainContext::default();
    let end = Instant::now() + PATIENCE;
    let wake = glib::timeout_add_local(Duration::from_millis(5), || glib::ControlFlow::Continue);
    while !is_so() {
        assert!(Instant::now() < end, "timed out waiting for {what}");
        context.iteration(true);
    }
    wake.remove();
}

/// Lets a window draw `count` whole frames.
#[track_caller]
pub fn frames(window: &impl IsA<gtk::Widget>, count: u32) {
    for _ in 0..count {
        let clock = window.frame_clock().expect("the window is shown");
        let is_painted = Rc::new(Cell::new(false));
        let flag = is_painted.clone();
        let handler = clock.connect_after_paint(move |_| flag.set(true));
        window.queue_draw();
        until("a frame", || is_painted.get());
        clock.disconnect(handler);
    }
}

/// Shows a widget in a window of its own.
pub fn show(child: &impl IsA<gtk::Widget>, width: i32, height: i32) -> gtk::Window {
    let window = gtk::Window::builder()
        .default_width(width)
        .default_height(height)
        .decorated(false)
        .child(child)
        .build();
    window.present();
    until("the window", || window.is_mapped());
    frames(&window, 2);
    window
}

/// Closes what a test, or its failure, left open.
pub fn close_windows() {
    for window in gtk::Window::list_toplevels() {
        if let Ok(window) = window.downcast::<gtk::Window>() {
            window.destroy();
        }
    }
}

/// Saves a widget as a PNG in the folder that `STONECHAT_SHOTS` names, if it does.
pub fn shot(widget: &impl IsA<gtk::Widget>, name: &str) {
    let Some(folder) = std::env::var_os("STONECHAT_SHOTS") else {
        return;
    };
    std::fs::create_dir_all(&folder).unwrap();
    let paintable = gtk::WidgetPaintable::new(Some(widget));
    // With its frame, which is not in the widget's own size.
    let (width, height) = (paintable.intrinsic_width(), paintable.intrinsic_height());
    let snapshot = gtk::Snapshot::new();
    paintable.snapshot(&snapshot, f64::from(width), f64::from(height));
    let node = snapshot.to_node().expect("something to see");
    let renderer = widget.native().unwrap().renderer().unwrap();
    let area = graphene::Rect::new(0.0, 0.0, width as f32, height as f32);
    let texture = renderer.render_texture(&node, Some(&area));
    texture
        .save_to_png(std::path::Path::new(&folder).join(format!("{name}.png")))
        .unwrap();
}

/// Returns every widget below `root` that `fits`.
pub fn all<T: IsA<gtk::Widget>>(root: &impl IsA<gtk::Widget>, fits: impl Fn(&T) -> bool) -> Vec<T> {
    fn walk<T: IsA<gtk::Widget>>(
        widget: &gtk::Widget,
        fits: &dyn Fn(&T) -> bool,
        found: &mut Vec<T>,
    ) {
        if let Some(widget) = widget.downcast_ref::<T>()
            && fits(widget)
        {
            found.push(widget.clone());
        }
        let mut child = widget.first_child();
        while let Some(widget) = child {
            walk(&widget, fits, found);
            child = widget.next_sibling();
        }
    }
    let mut found = Vec::new();
    walk(root.upcast_ref(), &fits, &mut found);
    found
}
