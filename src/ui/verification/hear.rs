//! Passing on what happens elsewhere: in the store, and before the camera.

use relm4::ComponentSender;
use tokio::sync::broadcast::error::RecvError;

use super::camera::Seen;
use super::{Init, Read, Verification, VerificationMsg};
use crate::engine::api::{Change, Event};

/// Passes on what the camera tells, for as long as somebody listens.
pub(super) fn told(
    sender: &ComponentSender<Verification>,
) -> impl Fn(Seen) + Send + Sync + Clone + 'static {
    let input = sender.input_sender().clone();
    move |seen| drop(input.send(VerificationMsg::Saw(seen)))
}

/// Hears of changes of the devices for as long as the dialog is there.
pub(super) fn listen(init: &Init, sender: &ComponentSender<Verification>) {
    let mut events = init.engine.subscribe();
    let account = init.account;
    let addresses = [init.address.clone(), init.own_address.clone()];
    sender.command(move |out, shutdown| {
        let concerns = move |change: &Change| match change {
            Change::Devices {
                account: whose,
                address,
            } => *whose == account && addresses.contains(address),
            Change::Everything => true,
            _ => false,
        };
        let hear = async move {
            loop {
                let is_ours = match events.recv().await {
                    Ok(Event::Changed(changes)) => changes.iter().any(&concerns),
                    Ok(_) => false,
                    Err(RecvError::Lagged(_)) => true,
                    Err(RecvError::Closed) => return,
                };
                if is_ours && out.send(Read::Changed).is_err() {
                    return;
                }
            }
        };
        shutdown.register(hear).drop_on_shutdown()
    });
}
