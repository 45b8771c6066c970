//! The window itself: the split of chat list and chat, and which page is shown.

use std::path::PathBuf;

use relm4::adw::prelude::*;
use relm4::{ComponentParts, ComponentSender, SimpleComponent, adw};

/// What the program was started with.
pub struct Init {
    /// File that fills the sign-in form.
    pub sign_in_from: Option<PathBuf>,
}

/// The main window.
pub struct App;

#[allow(missing_docs, reason = "the macro makes a struct of widgets")]
#[relm4::component(pub)]
impl SimpleComponent for App {
    type Init = Init;
    type Input = ();
    type Output = ();

    view! {
        adw::ApplicationWindow {
            set_title: Some("Stonechat"),
            set_default_size: (1100, 720),
            set_size_request: (360, 294),

            #[wrap(Some)]
            set_content = &adw::NavigationSplitView {
                set_min_sidebar_width: 280.0,
                set_max_sidebar_width: 340.0,
                set_sidebar_width_fraction: 0.28,
                #[wrap(Some)]
                set_sidebar = &adw::NavigationPage::builder().title("Chats").child(&adw::ToolbarView::new()).build(),
                #[wrap(Some)]
                set_content = &adw::NavigationPage::builder().title("Stonechat").child(&adw::ToolbarView::new()).build(),
            },
        }
    }

    fn init(_init: Init, root: Self::Root, _sender: ComponentSender<Self>) -> ComponentParts<Self> {
        let widgets = view_output!();
        ComponentParts {
            model: Self,
            widgets,
        }
    }
}
