//! Passwords in a file of ours, for people without a keyring who chose it.
//!
//! The file is not sealed: whoever can read the folder can read it, which the
//! window says before anybody chooses it. What can be done is done here: it is
//! closed to other users, replaced as a whole and never in part, and not
//! believed when somebody else could have read or written it. A password that
//! is forgotten is overwritten, as far as the disk lets us.
//!
//! One line for each account: the address, a space, the password in base64,
//! which is no secrecy but lets a password hold any character.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::SecretsProblem;
use crate::engine::model::Secret;

/// Its name in the data folder.
const FILE_NAME: &str = "passwords";
/// What the next state of it is written to.
const NEXT_NAME: &str = "passwords.new";
/// Nobody has so many accounts; a larger file is not ours.
const LARGEST_BYTES: u64 = 1024 * 1024;

/// A handle to the file; cheap to clone.
#[derive(Clone, Debug)]
pub struct PasswordFile {
    folder: PathBuf,
    /// One reads or changes it at a time.
    turn: Arc<Mutex<()>>,
}

type Passwords = BTreeMap<String, Secret>;

impl PasswordFile {
    /// Returns the file in `folder`, which may not exist yet.
    pub fn in_folder(folder: PathBuf) -> Self {
        Self {
            folder,
            turn: Arc::default(),
        }
    }

    /// Returns the password of an account.
    pub async fn find(&self, address: &str) -> Result<Option<Secret>, SecretsProblem> {
        let address = address.to_owned();
        self.in_turn(move |file| Ok(file.read()?.remove(&address)))
            .await
    }

    /// Keeps the password of an account.
    pub async fn store(&self, address: &str, password: &Secret) -> Result<(), SecretsProblem> {
        let (address, password) = (address.to_owned(), password.clone());
        self.in_turn(move |file| {
            let mut passwords = file.read()?;
            if passwords.get(&address) == Some(&password) {
                return Ok(());
            }
            passwords.insert(address, password);
            file.write(&passwords)
        })
        .await
    }

    /// Forgets the password of an account.
    pub async fn forget(&self, address: &str) -> Result<(), SecretsProblem> {
        let address = address.to_owned();
        self.in_turn(move |file| {
            let mut passwords = file.read()?;
            match passwords.remove(&address) {
                Some(_) => file.write(&passwords),
                None => Ok(()),
            }
        })
        .await
    }

    /// Forgets the passwords of all accounts but these.
    pub async fn keep_only(&self, addresses: Vec<String>) -> Result<(), SecretsProblem> {
        self.in_turn(move |file| {
            let mut passwords = file.read()?;
            let before = passwords.len();
            passwords.retain(|address, _| addresses.contains(address));
            if passwords.len() == before {
                return Ok(());
            }
            file.write(&passwords)
        })
        .await
    }

    /// Runs `work` where it may block, and alone.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, SecretsProblem> + Send + 'static,
    ) -> Result<T, SecretsProblem> {
        let file = self.clone();
        tokio::task::spawn_blocking(move || {
            let _turn = file.turn.lock().unwrap_or_else(PoisonError::into_inner);
            work(&file)
        })
        .await
        .unwrap_or_else(|error| Err(SecretsProblem::Other(error.to_string())))
    }

    fn read(&self) -> Result<Passwords, SecretsProblem> {
        let Some(file) = self.open_checked(false)? else {
            return Ok(Passwords::new());
        };
        let mut text = Zeroizing::new(String::new());
        let read = file.take(LARGEST_BYTES).read_to_string(&mut text);
        if read.map_err(from_io)? as u64 == LARGEST_BYTES {
            return Err(SecretsProblem::FileNotPlain);
        }
        Ok(text.lines().filter_map(entry).collect())
    }

    /// Opens the file if it is there and only ours.
    fn open_checked(&self, is_to_write: bool) -> Result<Option<File>, SecretsProblem> {
        let path = self.folder.join(FILE_NAME);
        // Never through a link, and without waiting for the other end of a pipe.
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        let opened = OpenOptions::new()
            .read(true)
            .write(is_to_write)
            .custom_flags(flags.bits() as i32)
            .open(&path);
        match opened {
            Ok(file) => {
                // Of what was opened, not of what the name may mean by now (attack A31).
                check(&file.metadata().map_err(from_io)?)?;
                Ok(Some(file))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => {
                // A link, a folder, or somebody else's?
                check(&fs::symlink_metadata(&path).map_err(from_io)?)?;
                Err(from_io(error))
            }
        }
    }

    /// Puts the next state in place of the old one, which is then overwritten.
    fn write(&self, passwords: &Passwords) -> Result<(), SecretsProblem> {
        let old = self.open_checked(true)?;
        if passwords.is_empty() {
            fs::remove_file(self.folder.join(FILE_NAME)).map_err(from_io)?;
        } else {
            let next = self.folder.join(NEXT_NAME);
            let written = self.write_next(passwords);
            if let Err(error) = written {
                // On a full disk a part of it may be there.
                if let Err(error) = fs::remove_file(&next) {
                    tracing::debug!(%error, "No half file of passwords to remove.");
                }
                return Err(from_io(error));
            }
            fs::rename(&next, self.folder.join(FILE_NAME)).map_err(from_io)?;
        }
        let synced = File::open(&self.folder).and_then(|folder| folder.sync_all());
        if let Some(old) = old
            && let Err(error) = wipe(old)
        {
            tracing::warn!(%error, "The old file of passwords was removed, but not overwritten.");
        }
        synced.map_err(from_io)
    }

    fn write_next(&self, passwords: &Passwords) -> io::Result<()> {
        let next = self.folder.join(NEXT_NAME);
        match fs::remove_file(&next) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&next)?;
        for (address, password) in passwords {
            let sealed = Zeroizing::new(STANDARD.encode(password.reveal()));
            file.write_all(address.as_bytes())?;
            file.write_all(b" ")?;
            file.write_all(sealed.as_bytes())?;
            file.write_all(b"\n")?;
        }
        file.sync_all()
    }
}

/// Refuses a file that somebody else could have read or written.
fn check(about: &fs::Metadata) -> Result<(), SecretsProblem> {
    if !about.is_file() {
        return Err(SecretsProblem::FileNotPlain);
    }
    if about.uid() != rustix::process::geteuid().as_raw() {
        return Err(SecretsProblem::FileOfAnother);
    }
    if about.mode() & 0o077 != 0 {
        return Err(SecretsProblem::FileExposed);
    }
    Ok(())
}

/// Reads a line; one that is none of ours is left out.
fn entry(line: &str) -> Option<(String, Secret)> {
    // The name of a token has a space of its own.
    let (address, sealed) = line.rsplit_once(' ')?;
    let password = Zeroizing::new(STANDARD.decode(sealed).ok()?);
    let password = std::str::from_utf8(&password).ok()?;
    Some((address.to_owned(), Secret::new(password)))
}

/// Overwrites a file that no name leads to any more; a copy somebody else
/// linked to, such as a backup, is theirs.
fn wipe(mut file: File) -> io::Result<()> {
    let about = file.metadata()?;
    if about.nlink() > 0 {
        return Ok(());
    }
    let nothing = vec![0; about.len() as usize];
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&nothing)?;
    file.sync_all()
}

fn from_io(error: io::Error) -> SecretsProblem {
    SecretsProblem::FileFailed(error.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    const ROMEO: &str = "romeo@example.org";
    const JULIET: &str = "juliet@example.org";

    fn folder_and_file() -> (tempfile::TempDir, PasswordFile) {
        let folder = tempfile::tempdir().unwrap();
        let file = PasswordFile::in_folder(folder.path().to_owned());
        (folder, file)
    }

    #[tokio::test]
    async fn a_password_is_found_again_whatever_it_holds() {
        let (folder, file) = folder_and_file();
        let odd = Secret::new("Where\nfore? ♥ \0 =\t");
        file.store(ROMEO, &odd).await.unwrap();
        file.store(JULIET, &Secret::new("balcony")).await.unwrap();
        file.store(JULIET, &Secret::new("orchard")).await.unwrap();

        let next_run = PasswordFile::in_folder(folder.path().to_owned());

        assert_eq!(next_run.find(ROMEO).await, Ok(Some(odd)));
        assert_eq!(
            next_run.find(JULIET).await,
            Ok(Some(Secret::new("orchard")))
        );
        assert_eq!(next_run.find("nurse@example.org").await, Ok(None));
    }

    #[tokio::test]
    async fn the_file_is_closed_to_others_and_goes_with_its_last_password() {
        let (folder, file) = folder_and_file();
        file.store(ROMEO, &Secret::new("wherefore")).await.unwrap();
        file.store(JULIET, &Secret::new("balcony")).await.unwrap();
        let path = folder.path().join(FILE_NAME);

        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        file.forget(ROMEO).await.unwrap();
        assert_eq!(file.find(ROMEO).await, Ok(None));
        assert_eq!(file.find(JULIET).await, Ok(Some(Secret::new("balcony"))));
        file.forget(JULIET).await.unwrap();
        file.forget(JULIET).await.unwrap();

        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn what_was_left_behind_is_forgotten_by_the_next_run() {
        let (_folder, file) = folder_and_file();
        file.store(ROMEO, &Secret::new("wherefore")).await.unwrap();
        file.store(JULIET, &Secret::new("balcony")).await.unwrap();

        file.keep_only(vec![JULIET.to_owned()]).await.unwrap();

        assert_eq!(file.find(ROMEO).await, Ok(None));
        assert_eq!(file.find(JULIET).await, Ok(Some(Secret::new("balcony"))));
    }

    #[tokio::test]
    async fn what_is_forgotten_is_overwritten() {
        let (folder, file) = folder_and_file();
        file.store(ROMEO, &Secret::new("wherefore")).await.unwrap();
        let mut kept_open = File::open(folder.path().join(FILE_NAME)).unwrap();

        file.forget(ROMEO).await.unwrap();

        let mut content = Vec::new();
        kept_open.read_to_end(&mut content).unwrap();
        assert!(!content.is_empty());
        assert!(content.iter().all(|byte| *byte == 0));
    }

    #[tokio::test]
    async fn a31_a_file_that_others_can_read_is_refused_and_left_as_it_is() {
        let (folder, file) = folder_and_file();
        file.store(ROMEO, &Secret::new("wherefore")).await.unwrap();
        let path = folder.path().join(FILE_NAME);
        for mode in [0o644, 0o640, 0o602, 0o610] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();

            assert_eq!(file.find(ROMEO).await, Err(SecretsProblem::FileExposed));
            assert_eq!(
                file.store(JULIET, &Secret::new("balcony")).await,
                Err(SecretsProblem::FileExposed)
            );
            assert_eq!(file.forget(ROMEO).await, Err(SecretsProblem::FileExposed));
            assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, mode);
        }

        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        assert_eq!(file.find(ROMEO).await, Ok(Some(Secret::new("wherefore"))));
    }

    #[tokio::test]
    async fn a31_a_link_a_folder_and_a_pipe_are_no_file_of_ours() {
        let elsewhere = tempfile::NamedTempFile::new().unwrap();
        let odd: [fn(&std::path::Path, &std::path::Path); 3] = [
            |path, elsewhere| symlink(elsewhere, path).unwrap(),
            |path, _| fs::create_dir(path).unwrap(),
            |path, _| {
                let mode = rustix::fs::Mode::from_raw_mode(0o600);
                rustix::fs::mkfifoat(rustix::fs::CWD, path, mode).unwrap();
            },
        ];
        for make in odd {
            let (folder, file) = folder_and_file();
            make(&folder.path().join(FILE_NAME), elsewhere.path());

            assert_eq!(file.find(ROMEO).await, Err(SecretsProblem::FileNotPlain));
            assert_eq!(
                file.store(ROMEO, &Secret::new("wherefore")).await,
                Err(SecretsProblem::FileNotPlain)
            );
        }
        assert_eq!(fs::metadata(elsewhere.path()).unwrap().len(), 0);
    }

    #[tokio::test]
    async fn a31_a_file_of_somebody_else_is_refused() {
        let (folder, file) = folder_and_file();
        file.store(ROMEO, &Secret::new("wherefore")).await.unwrap();
        let path = folder.path().join(FILE_NAME);
        if std::os::unix::fs::chown(&path, Some(4321), None).is_err() {
            return; // only root may give a file away
        }

        assert_eq!(file.find(ROMEO).await, Err(SecretsProblem::FileOfAnother));
        assert_eq!(file.forget(ROMEO).await, Err(SecretsProblem::FileOfAnother));
    }

    #[tokio::test]
    async fn a31_a_link_where_the_next_file_goes_is_not_written_through() {
        let (folder, file) = folder_and_file();
        let elsewhere = tempfile::NamedTempFile::new().unwrap();
        symlink(elsewhere.path(), folder.path().join(NEXT_NAME)).unwrap();

        file.store(ROMEO, &Secret::new("wherefore")).await.unwrap();

        assert_eq!(fs::metadata(elsewhere.path()).unwrap().len(), 0);
        assert_eq!(file.find(ROMEO).await, Ok(Some(Secret::new("wherefore"))));
    }

    #[tokio::test]
    async fn a_line_that_is_none_of_ours_hides_no_other() {
        let (folder, file) = folder_and_file();
        file.store(ROMEO, &Secret::new("wherefore")).await.unwrap();
        let path = folder.path().join(FILE_NAME);
        let good = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("\n?\n{JULIET} §\n{good}")).unwrap();

        assert_eq!(file.find(ROMEO).await, Ok(Some(Secret::new("wherefore"))));
        assert_eq!(file.find(JULIET).await, Ok(None));
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_is_told() {
        let (folder, _) = folder_and_file();
        let file = PasswordFile::in_folder(folder.path().join("nowhere"));

        assert_eq!(file.find(ROMEO).await, Ok(None));
        let stored = file.store(ROMEO, &Secret::new("wherefore")).await;

        assert!(matches!(stored, Err(SecretsProblem::FileFailed(_))));
    }
}
