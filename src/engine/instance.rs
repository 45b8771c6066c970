//! One running program for each data folder.
//!
//! Two programs on one history would sign in twice and send everything in the
//! outbox twice. An exclusive lock on a file tells them apart; the system
//! lets go of it when the program ends, however it ends.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;

use crate::engine::error::StartError;

const LOCK_FILE: &str = "in-use";

/// Held while the program runs; dropping it lets the next one start.
#[derive(Debug)]
#[allow(dead_code)] // Held, never read.
pub struct InstanceLock(File);

impl InstanceLock {
    /// Makes the data folder where it is missing, closes it to other users and
    /// takes its lock.
    ///
    /// # Errors
    /// [`StartError::AlreadyRunning`] when another program holds the lock,
    /// [`StartError::NoFolder`] when the folder cannot be made or used.
    pub fn take(folder: &Path) -> Result<Self, StartError> {
        let file = open(folder).map_err(no_folder)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(StartError::AlreadyRunning),
            Err(TryLockError::Error(error)) => Err(no_folder(error)),
        }
    }
}

/// Makes `folder` and the folders above it, and closes it to other users.
pub fn private_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    if fs::metadata(folder)?.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    }
    Ok(())
}

fn open(folder: &Path) -> io::Result<File> {
    private_folder(folder)?;
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(folder.join(LOCK_FILE))
}

fn no_folder(error: io::Error) -> StartError {
    StartError::NoFolder(Arc::new(error))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_second_program_is_refused_until_the_first_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("stonechat");

        let first = InstanceLock::take(&data).unwrap();
        assert!(matches!(
            InstanceLock::take(&data),
            Err(StartError::AlreadyRunning)
        ));
        drop(first);

        InstanceLock::take(&data).unwrap();
    }

    #[test]
    fn the_data_folder_is_closed_to_other_users() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("deep/stonechat");
        fs::create_dir_all(&data).unwrap();
        fs::set_permissions(&data, Permissions::from_mode(0o755)).unwrap();

        let _lock = InstanceLock::take(&data).unwrap();

        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&data), 0o700);
        assert_eq!(mode(&data.join(LOCK_FILE)), 0o600);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_told_apart() {
        let taken = tempfile::NamedTempFile::new().unwrap();

        let refused = InstanceLock::take(&taken.path().join("stonechat"));

        assert!(matches!(refused, Err(StartError::NoFolder(_))));
    }
}
