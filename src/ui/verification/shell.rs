//! The two halves of the dialog: the user's code, and the place for the other.

use relm4::adw::prelude::*;
use relm4::gtk::gdk;
use relm4::{Sender, adw, gtk};

use super::VerificationMsg;
use super::arrival::{accept_drops, accept_paste};
use super::code_view::{CodeView, SIDE};
use super::words::Other;
use crate::engine::codes::Code;
use crate::ui::i18n::gettext;
use crate::ui::widgets::voice;

/// Below this width the halves are pages.
const NARROW_SP: f64 = 660.0;
/// Names of the halves.
const OWN: &str = "own";
const THEIRS: &str = "theirs";

/// What stands still in the dialog, and what is shown in it.
pub struct Widgets {
    /// This page, and those that come after it.
    pub pages: adw::NavigationView,
    /// Short notices.
    pub toasts: adw::ToastOverlay,
    /// The camera's pictures, or the place to drop one.
    place: gtk::Stack,
    view: gtk::Picture,
    code: CodeView,
    show_yours: gtk::Label,
    copy: gtk::Button,
    bring_theirs: gtk::Label,
    trouble: gtk::Box,
    trouble_text: gtk::Label,
    start_camera: gtk::Button,
    stop_camera: gtk::Button,
    busy: adw::Spinner,
    /// Where the keyboard starts.
    pub open_picture: gtk::Button,
}

impl Widgets {
    /// Builds the dialog's content.
    pub fn new(dialog: &adw::Dialog, other: &Other, input: &Sender<VerificationMsg>) -> Self {
        let button = |label: String, icon: &str, message: fn() -> VerificationMsg| {
            let content = adw::ButtonContent::builder()
                .label(label)
                .icon_name(icon)
                .can_shrink(true)
                .build();
            let button = gtk::Button::builder()
                .child(&content)
                .css_classes(["pill"])
                .build();
            let input = input.clone();
            button.connect_clicked(move |_| input.emit(message()));
            button
        };
        let code = CodeView::default();
        code.set_halign(gtk::Align::Center);
        let spoken = gettext("Your code. Copy as Link gives the same");
        code.update_property(&[gtk::accessible::Property::Label(&spoken)]);
        let show_yours = sentence();
        let copy = button(gettext("Copy as Link"), "edit-copy-symbolic", || {
            VerificationMsg::CopyLink
        });
        copy.set_css_classes(&["flat"]);
        copy.set_halign(gtk::Align::Center);
        let (own, own_title) = half(&other.own_code());
        own.append(&code);
        own.append(&show_yours);
        own.append(&copy);

        let start_camera = button(gettext("Use Camera"), "camera-web-symbolic", || {
            VerificationMsg::StartCamera
        });
        start_camera.set_halign(gtk::Align::Center);
        start_camera.set_visible(false);
        let (place, view, busy) = place(&start_camera, other);
        let bring_theirs = sentence();
        let (trouble, trouble_text) = trouble();
        let open_picture = button(gettext("Open Picture…"), "document-open-symbolic", || {
            VerificationMsg::OpenPicture
        });
        let paste = button(gettext("Paste"), "edit-paste-symbolic", || {
            VerificationMsg::Paste
        });
        let ways = adw::WrapBox::builder()
            .child_spacing(8)
            .line_spacing(8)
            .align(0.5)
            .build();
        ways.append(&open_picture);
        ways.append(&paste);
        let (theirs, their_title) = half(&other.their_code());
        theirs.append(&place);
        theirs.append(&bring_theirs);
        theirs.append(&trouble);
        theirs.append(&ways);

        let halves = halves(&own, &theirs, other);
        let advice = advice(other, input);
        narrow(dialog, &halves, &[own_title, their_title], &advice);
        let content = gtk::Box::builder()
            .orientation(gtk::Orientation::Vertical)
            .spacing(18)
            .margin_start(12)
            .margin_end(12)
            .margin_top(12)
            .margin_bottom(18)
            .valign(gtk::Align::Center)
            .build();
        content.append(&halves);
        content.append(&advice);
        let scrolled = gtk::ScrolledWindow::builder()
            .hscrollbar_policy(gtk::PolicyType::Never)
            .child(&content)
            .build();
        let stop_camera = gtk::Button::builder()
            .icon_name("camera-disabled-symbolic")
            .tooltip_text(gettext("Switch Camera Off"))
            .visible(false)
            .build();
        let stop = input.clone();
        stop_camera.connect_clicked(move |_| stop.emit(VerificationMsg::StopCamera));
        let bar = adw::HeaderBar::new();
        bar.pack_end(&stop_camera);
        let view_of_page = adw::ToolbarView::builder().content(&scrolled).build();
        view_of_page.add_top_bar(&bar);
        let page = adw::NavigationPage::builder()
            .title(other.title())
            .child(&view_of_page)
            .build();
        let pages = adw::NavigationView::new();
        pages.add(&page);
        let toasts = adw::ToastOverlay::new();
        toasts.set_child(Some(&pages));
        dialog.set_child(Some(&toasts));
        dialog.set_title(&other.title());
        accept_drops(&toasts, input);
        accept_paste(dialog, input);
        Self {
            pages,
            toasts,
            place,
            view,
            code,
            show_yours,
            copy,
            bring_theirs,
            trouble,
            trouble_text,
            start_camera,
            stop_camera,
            busy,
            open_picture,
        }
    }

    /// Shows the user's code, and what it holds; or why there is none.
    pub fn show_own(&self, code: Option<&Code>, words: &str) {
        self.code.show(code);
        self.code.set_visible(code.is_some());
        self.copy.set_visible(code.is_some());
        self.show_yours.set_label(words);
    }

    /// Says what goes to the right, and whether the camera can be switched on.
    pub fn show_ways(&self, words: &str, has_camera: bool) {
        self.bring_theirs.set_label(words);
        self.start_camera.set_visible(has_camera);
    }

    /// Shows that a picture is looked at.
    pub fn show_busy(&self, is_busy: bool) {
        self.busy.set_visible(is_busy);
    }

    /// Shows that the camera is on, or off.
    pub fn show_camera(&self, is_on: bool) {
        self.place
            .set_visible_child_name(if is_on { "camera" } else { "drop" });
        self.stop_camera.set_visible(is_on);
        if !is_on {
            self.view.set_paintable(gdk::Paintable::NONE);
        }
    }

    /// Shows what the camera sees.
    pub fn show_picture(&self, picture: &gdk::Texture) {
        self.view.set_paintable(Some(picture));
    }

    /// Says what went wrong, or nothing any more.
    pub fn show_trouble(&self, words: Option<&str>) {
        self.trouble.set_visible(words.is_some());
        let words = words.unwrap_or_default();
        if self.trouble_text.label() != words {
            self.trouble_text.set_label(words);
            if !words.is_empty() {
                voice::say(&self.trouble, words, true);
            }
        }
    }

    /// Goes back to the codes.
    pub fn show_codes(&self) {
        while self.pages.pop() {}
    }
}

fn half(title: &str) -> (gtk::Box, gtk::Label) {
    let half = gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .spacing(12)
        .hexpand(true)
        .build();
    let title = gtk::Label::builder()
        .label(title)
        .css_classes(["title-4"])
        .wrap(true)
        .justify(gtk::Justification::Center)
        .build();
    half.append(&title);
    (half, title)
}

fn sentence() -> gtk::Label {
    gtk::Label::builder()
        .css_classes(["dimmed"])
        .wrap(true)
        .justify(gtk::Justification::Center)
        .max_width_chars(32)
        .build()
}

/// A square of the size of a code: the camera, or where a picture is dropped.
fn place(start_camera: &gtk::Button, other: &Other) -> (gtk::Stack, gtk::Picture, adw::Spinner) {
    let icon = gtk::Image::builder()
        .icon_name("image-x-generic-symbolic")
        .pixel_size(48)
        .accessible_role(gtk::AccessibleRole::Presentation)
        .css_classes(["dimmed"])
        .build();
    let busy = adw::Spinner::builder()
        .height_request(24)
        .visible(false)
        .build();
    let drop = gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .spacing(18)
        .valign(gtk::Align::Center)
        .halign(gtk::Align::Center)
        .build();
    drop.append(&icon);
    drop.append(&busy);
    drop.append(start_camera);
    let frame = adw::Bin::builder()
        .child(&drop)
        .css_classes(["code-place"])
        .build();
    let view = gtk::Picture::builder()
        .content_fit(gtk::ContentFit::Cover)
        .alternative_text(gettext("What the camera sees"))
        .build();
    // The same square for every camera.
    let low = adw::Clamp::builder()
        .orientation(gtk::Orientation::Vertical)
        .maximum_size(SIDE)
        .child(&view)
        .build();
    let camera = adw::Clamp::builder()
        .maximum_size(SIDE)
        .child(&low)
        .overflow(gtk::Overflow::Hidden)
        .css_classes(["camera-view"])
        .build();
    let place = gtk::Stack::builder()
        .width_request(SIDE)
        .height_request(SIDE)
        .halign(gtk::Align::Center)
        .build();
    place.add_named(&frame, Some("drop"));
    place.add_named(&camera, Some("camera"));
    place.update_property(&[gtk::accessible::Property::Label(&other.their_code())]);
    (place, view, busy)
}

fn trouble() -> (gtk::Box, gtk::Label) {
    let icon = gtk::Image::builder()
        .icon_name("dialog-warning-symbolic")
        .accessible_role(gtk::AccessibleRole::Presentation)
        .valign(gtk::Align::Start)
        .build();
    let text = gtk::Label::builder()
        .wrap(true)
        .xalign(0.0)
        .hexpand(true)
        .max_width_chars(32)
        .build();
    let trouble = gtk::Box::builder()
        .spacing(12)
        .visible(false)
        .halign(gtk::Align::Center)
        .css_classes(["trouble"])
        .accessible_role(gtk::AccessibleRole::Alert)
        .build();
    trouble.append(&icon);
    trouble.append(&text);
    (trouble, text)
}

/// Side by side where there is room, else one page each.
fn halves(own: &gtk::Box, theirs: &gtk::Box, other: &Other) -> adw::MultiLayoutView {
    let wide = gtk::Box::builder().spacing(12).homogeneous(false).build();
    wide.append(&adw::LayoutSlot::new(OWN));
    wide.append(&gtk::Separator::new(gtk::Orientation::Vertical));
    wide.append(&adw::LayoutSlot::new(THEIRS));
    let stack = adw::ViewStack::new();
    stack.add_titled(
        &adw::LayoutSlot::new(THEIRS),
        Some(THEIRS),
        &other.their_code(),
    );
    stack.add_titled(&adw::LayoutSlot::new(OWN), Some(OWN), &other.own_code());
    let switcher = adw::InlineViewSwitcher::builder()
        .stack(&stack)
        .halign(gtk::Align::Center)
        .build();
    let narrow = gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .spacing(18)
        .build();
    narrow.append(&switcher);
    narrow.append(&stack);
    let halves = adw::MultiLayoutView::new();
    for (name, content) in [("wide", wide), ("narrow", narrow)] {
        let layout = adw::Layout::new(&content);
        layout.set_name(Some(name));
        halves.add_layout(layout);
    }
    halves.set_child(OWN, own);
    halves.set_child(THEIRS, theirs);
    halves
}

fn narrow(
    dialog: &adw::Dialog,
    halves: &adw::MultiLayoutView,
    titles: &[gtk::Label],
    advice: &gtk::Box,
) {
    let condition = adw::BreakpointCondition::new_length(
        adw::BreakpointConditionLengthType::MaxWidth,
        NARROW_SP,
        adw::LengthUnit::Sp,
    );
    let breakpoint = adw::Breakpoint::new(condition);
    breakpoint.add_setter(halves, "layout-name", Some(&"narrow".to_value()));
    // The switcher says the same.
    for title in titles {
        breakpoint.add_setter(title, "visible", Some(&false.to_value()));
    }
    let upright = gtk::Orientation::Vertical.to_value();
    breakpoint.add_setter(advice, "orientation", Some(&upright));
    dialog.add_breakpoint(breakpoint);
}

/// The bottom line: where a code must come from, and the way without one.
fn advice(other: &Other, input: &Sender<VerificationMsg>) -> gtk::Box {
    let words = gtk::Label::builder()
        .label(other.advice())
        .css_classes(["dimmed", "caption"])
        .wrap(true)
        .natural_wrap_mode(gtk::NaturalWrapMode::None)
        .justify(gtk::Justification::Center)
        .build();
    let by_eye = gtk::Button::builder()
        .label(gettext("Compare by Eye"))
        .css_classes(["flat"])
        .build();
    let input = input.clone();
    by_eye.connect_clicked(move |_| input.emit(VerificationMsg::ByEye));
    let line = gtk::Box::builder()
        .spacing(12)
        .halign(gtk::Align::Center)
        .build();
    line.append(&words);
    line.append(&by_eye);
    line
}
