//! Who is around.
//!
//! Presence is kept in memory, a bounded amount of it; our own devices always
//! have room. A person who comes and goes without end is told of once a second,
//! and at last as they are (attack A56).
//!
//! # Source
//! RFC 6121 §4.7; XEP-0319 §2.

use std::collections::BTreeMap;
use std::time::Duration;

use jid::{BareJid, Jid};
use minidom::Element;
use tokio::time::Instant;

use super::session::Session;
use crate::engine::api::Event;
use crate::engine::model::{Around, Presence, Timestamp};
use crate::engine::xmpp::presence;

/// How many people's presence is remembered.
const MOST_PEOPLE: usize = 5_000;
/// How many programs of one person are.
const MOST_PROGRAMS: usize = 20;
/// How soon the window hears of the same person again.
const PAUSE: Duration = Duration::from_secs(1);
/// The presence of each program of each person.
#[derive(Debug, Default)]
pub(super) struct Presences {
    people: BTreeMap<BareJid, BTreeMap<String, Presence>>,
    /// Since when nobody used those programs that say so.
    idle: BTreeMap<BareJid, BTreeMap<String, Timestamp>>,
    /// When the window may hear of a person again, and whether it has to.
    told: BTreeMap<BareJid, Told>,
    is_anybody_owed: bool,
}

#[derive(Debug)]
struct Told {
    again: Instant,
    is_owed: bool,
}

impl Presences {
    /// Notes a presence and returns the person's best one now.
    fn note(&mut self, own: &BareJid, from: &Jid, how: Presence) -> Presence {
        let person = from.to_bare();
        let program = from.resource().map(ToString::to_string).unwrap_or_default();
        if how == Presence::Offline {
            if let Some(programs) = self.people.get_mut(&person) {
                programs.remove(&program);
            }
        } else if self.people.len() < MOST_PEOPLE
            || person == *own
            || self.people.contains_key(&person)
        {
            let programs = self.people.entry(person.clone()).or_default();
            if programs.len() < MOST_PROGRAMS || programs.contains_key(&program) {
                programs.insert(program, how);
            }
        }
        let best = self
            .people
            .get(&person)
            .and_then(|programs| programs.values().max().copied());
        if best.is_none() {
            self.people.remove(&person);
        }
        best.unwrap_or_default()
    }

    /// Notes since when nobody uses a program whose presence was noted.
    fn note_idle(&mut self, from: &Jid, since: Option<Timestamp>) {
        let person = from.to_bare();
        let program = from.resource().map(ToString::to_string).unwrap_or_default();
        let is_known = self
            .people
            .get(&person)
            .is_some_and(|programs| programs.contains_key(&program));
        let Some(since) = since.filter(|_| is_known) else {
            if let Some(idle) = self.idle.get_mut(&person) {
                idle.remove(&program);
                if idle.is_empty() {
                    self.idle.remove(&person);
                }
            }
            return;
        };
        self.idle.entry(person).or_default().insert(program, since);
    }

    /// Returns how a person is: by their best programs, of which each has to be
    /// idle if they are to be.
    fn around(&self, person: &BareJid) -> Around {
        let Some(programs) = self.people.get(person) else {
            return Around::default();
        };
        let presence = programs.values().max().copied().unwrap_or_default();
        let best = programs.iter().filter(|(_, how)| **how == presence);
        let idle = self.idle.get(person);
        let since: Option<Vec<Timestamp>> = best
            .map(|(program, _)| idle.and_then(|idle| idle.get(program)).copied())
            .collect();
        Around {
            presence,
            idle_since: since.and_then(|since| since.into_iter().max()),
        }
    }

    /// Takes over how a program was, from an earlier process.
    pub fn restore(&mut self, own: &BareJid, address: &str, program: &str, how: Presence) {
        let Ok(person) = BareJid::new(address) else {
            return;
        };
        let from = match person.with_resource_str(program) {
            Ok(full) => Jid::from(full),
            Err(_) => person.into(),
        };
        self.note(own, &from, how);
    }

    /// Returns how one program of a person is.
    pub fn of(&self, program: &Jid) -> Presence {
        let name = program.resource().map(ToString::to_string);
        self.people
            .get(&program.to_bare())
            .and_then(|programs| programs.get(&name.unwrap_or_default()))
            .copied()
            .unwrap_or_default()
    }

    /// Returns how everybody is.
    pub fn all(&self) -> impl Iterator<Item = (&BareJid, Around)> {
        self.people
            .keys()
            .map(|person| (person, self.around(person)))
    }

    /// Returns whether the window may hear of a person now; if not, it is owed.
    fn may_tell(&mut self, person: &BareJid) -> bool {
        let now = Instant::now();
        if let Some(told) = self.told.get_mut(person)
            && told.again > now
        {
            (told.is_owed, self.is_anybody_owed) = (true, true);
            return false;
        }
        if self.told.len() >= MOST_PEOPLE {
            self.told.retain(|_, told| told.is_owed || told.again > now);
        }
        if self.told.len() >= MOST_PEOPLE && !self.told.contains_key(person) {
            // Nobody can know so many; the next reading shows how they are.
            return false;
        }
        let (again, is_owed) = (now + PAUSE, false);
        self.told.insert(person.clone(), Told { again, is_owed });
        true
    }

    /// When the window is to hear of somebody.
    pub fn deadline(&self) -> Option<Instant> {
        // Asked for at each stanza, and nearly always nobody is.
        let told = self.is_anybody_owed.then(|| self.told.values());
        let owed = told?.filter(|told| told.is_owed);
        owed.map(|told| told.again).min()
    }

    /// Takes those of whom the window is to hear now.
    fn due(&mut self) -> Vec<BareJid> {
        let now = Instant::now();
        let mut due = Vec::new();
        for (person, told) in &mut self.told {
            if told.is_owed && told.again <= now {
                (told.again, told.is_owed) = (now + PAUSE, false);
                due.push(person.clone());
            }
        }
        self.is_anybody_owed = self.told.values().any(|told| told.is_owed);
        due
    }

    /// Returns whether any program of a person is there.
    pub fn has_any(&self, person: &BareJid) -> bool {
        self.people.contains_key(person)
    }
}

impl Session {
    /// Takes a presence.
    pub(super) fn presence(&mut self, stanza: &Element) {
        let Some((from, how)) = presence::read(stanza) else {
            return;
        };
        let person = from.to_bare();
        let Some(stream) = &mut self.stream else {
            return;
        };
        if from == stream.own() {
            return;
        }
        let idle = presence::idle_since(stanza, self.context.clock.now());
        let best = stream.presences.note(&self.own, &from, how);
        stream.presences.note_idle(&from, idle);
        let around = stream.presences.around(&person);
        stream.presence_changed(&from);
        if person == self.own {
            // Another device of ours, which the window need not know.
            return;
        }
        let account = self.account.id;
        let key = (account, person.to_string());
        let has_changed = self.context.presences.send_if_modified(|presences| {
            let before = presences.get(&key).copied().unwrap_or_default();
            if best == Presence::Offline {
                presences.remove(&key);
            } else {
                presences.insert(key.clone(), around);
            }
            before != around
        });
        if has_changed && stream.presences.may_tell(&person) {
            self.context.tell(Event::Presence {
                account,
                address: key.1,
                presence: best,
            });
        }
    }

    /// Tells how those are now of whom not every change was told.
    pub(super) fn tell_due_presences(&mut self) {
        let account = self.account.id;
        let due = self.stream.as_mut().map(|stream| stream.presences.due());
        for person in due.into_iter().flatten() {
            let key = (account, person.to_string());
            let around = self.context.presences.borrow().get(&key).copied();
            self.context.tell(Event::Presence {
                account,
                address: key.1,
                presence: around.unwrap_or_default().presence,
            });
        }
    }

    /// Tells again who is around: the stream that told us goes on.
    pub(super) fn everybody_is_back(&self) {
        let Some(stream) = &self.stream else {
            return;
        };
        let account = self.account.id;
        for (person, around) in stream.presences.all() {
            if *person == self.own {
                continue;
            }
            let key = (account, person.to_string());
            let is_news = self
                .context
                .presences
                .send_if_modified(|known| known.insert(key.clone(), around) != Some(around));
            if is_news {
                self.context.tell(Event::Presence {
                    account,
                    address: key.1,
                    presence: around.presence,
                });
            }
        }
    }

    /// Shows nobody as around: what told us is gone, or away for long.
    pub(super) fn everybody_is_offline(&self) {
        let account = self.account.id;
        let mut gone = Vec::new();
        self.context.presences.send_modify(|presences| {
            presences.retain(|(of, address), _| {
                if *of == account {
                    gone.push(address.clone());
                }
                *of != account
            });
        });
        for address in gone {
            self.context.tell(Event::Presence {
                account,
                address,
                presence: Presence::Offline,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn own() -> BareJid {
        BareJid::new("romeo@example.org").unwrap()
    }

    fn jid(text: &str) -> Jid {
        Jid::new(text).unwrap()
    }

    #[test]
    fn the_best_of_several_programs_counts() {
        let mut presences = Presences::default();

        assert_eq!(
            presences.note(&own(), &jid("juliet@example.org/phone"), Presence::Away),
            Presence::Away
        );
        assert_eq!(
            presences.note(&own(), &jid("juliet@example.org/desk"), Presence::Here),
            Presence::Here
        );
        assert_eq!(
            presences.note(&own(), &jid("juliet@example.org/desk"), Presence::Offline),
            Presence::Away
        );
        assert_eq!(
            presences.note(&own(), &jid("juliet@example.org/phone"), Presence::Offline),
            Presence::Offline
        );
        assert!(presences.people.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a56_who_comes_and_goes_is_told_of_once_a_second_and_at_last() {
        let mut presences = Presences::default();
        let juliet = BareJid::new("juliet@example.org").unwrap();

        let told = (0..1_000).filter(|_| presences.may_tell(&juliet)).count();

        assert_eq!(told, 1);
        assert!(presences.due().is_empty(), "not so soon");
        tokio::time::advance(PAUSE).await;
        assert!(presences.deadline().unwrap() <= Instant::now());
        assert_eq!(presences.due(), [juliet]);
        assert_eq!(presences.deadline(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a56_a_crowd_that_comes_takes_bounded_room() {
        let mut presences = Presences::default();
        for n in 0..MOST_PEOPLE + 100 {
            let person = BareJid::new(&format!("p{n}@example.org")).unwrap();
            presences.may_tell(&person);
            presences.may_tell(&person);
        }

        assert_eq!(presences.told.len(), MOST_PEOPLE);
        tokio::time::advance(PAUSE).await;
        assert_eq!(presences.due().len(), MOST_PEOPLE);
    }

    #[test]
    fn who_uses_one_of_their_best_programs_is_not_idle() {
        let mut presences = Presences::default();
        let juliet = BareJid::new("juliet@example.org").unwrap();
        let mut hears = |program: &str, how, since| {
            let from = jid(&format!("juliet@example.org/{program}"));
            presences.note(&own(), &from, how);
            presences.note_idle(&from, since);
            presences.around(&juliet)
        };

        let around = hears("phone", Presence::Away, Some(5));
        assert_eq!(around.idle_since, Some(5));
        let around = hears("desk", Presence::Away, Some(9));
        assert_eq!(around.idle_since, Some(9));
        let around = hears("desk", Presence::Away, None);
        assert_eq!(around.idle_since, None);
        let around = hears("tablet", Presence::Here, Some(7));
        assert_eq!(
            (around.presence, around.idle_since),
            (Presence::Here, Some(7))
        );
        hears("tablet", Presence::Offline, Some(7));
        hears("desk", Presence::Offline, None);
        let around = hears("phone", Presence::Offline, Some(5));
        assert_eq!(around, Around::default());
        assert!(presences.idle.is_empty());
    }

    #[test]
    fn a56_a_flood_of_presence_is_bounded() {
        let mut presences = Presences::default();
        for n in 0..MOST_PEOPLE + 100 {
            let from = jid(&format!("p{n}@example.org/a"));
            presences.note(&own(), &from, Presence::Here);
            presences.note_idle(&from, Some(1));
        }
        assert_eq!(presences.idle.len(), MOST_PEOPLE);
        presences.note(&own(), &jid("romeo@example.org/phone"), Presence::Here);
        for n in 0..1_000 {
            presences.note(&own(), &jid(&format!("p0@example.org/{n}")), Presence::Here);
        }

        // Our own devices are no strangers.
        assert!(presences.has_any(&own()));
        assert_eq!(presences.people.len(), MOST_PEOPLE + 1);
        assert_eq!(
            presences.people[&BareJid::new("p0@example.org").unwrap()].len(),
            MOST_PROGRAMS
        );
    }
}
