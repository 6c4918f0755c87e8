//! What kind of drive a file is on, as far as the system tells.

use std::path::Path;

/// The kind of drive that a database is on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Drive {
    /// One of this machine.
    Local,
    /// One of another machine, where locks need not work; the kind of file system, such as
    /// `nfs`.
    Network(String),
    /// The system does not tell.
    Unknown,
}

impl Drive {
    /// The drive of an existing file.
    #[cfg(target_os = "linux")]
    pub(crate) fn of(file: &Path) -> Self {
        use std::os::unix::fs::MetadataExt;
        let Ok(told) = rustix::fs::statfs(file) else { return Self::Unknown };
        // A C `long`, of which the numbers take 32 bits.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let magic = told.f_type as u32;
        let mounts = || {
            let device = std::fs::metadata(file).ok()?.dev();
            let table = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
            mounted_as(&table, device)
        };
        by_magic(magic, mounts)
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn of(_file: &Path) -> Self {
        Self::Unknown
    }
}

/// By the number that `statfs` gives: <https://man7.org/linux/man-pages/man2/statfs.2.html>.
/// What a FUSE file system is, its name tells.
#[cfg(any(target_os = "linux", test))]
fn by_magic(magic: u32, name: impl FnOnce() -> Option<String>) -> Drive {
    const FUSE: u32 = 0x6573_5546;
    let network = match magic {
        0x6969 => "nfs",
        0x517b => "smb",
        0xfe53_4d42 => "smb2",
        0xff53_4d42 => "cifs",
        0x0102_1997 => "9p",
        0x5346_414f => "afs",
        0x00c3_6400 => "ceph",
        0x7375_7245 => "coda",
        0x0bd0_0bd0 => "lustre",
        FUSE => return name().map_or(Drive::Unknown, |name| by_fuse_name(&name)),
        _ => return Drive::Local,
    };
    Drive::Network(network.to_owned())
}

#[cfg(any(target_os = "linux", test))]
fn by_fuse_name(name: &str) -> Drive {
    const NETWORK: &[&str] = &[
        "sshfs",
        "s3fs",
        "gcsfuse",
        "rclone",
        "gluster",
        "ceph",
        "davfs",
        "curlftpfs",
        "smbnetfs",
        "juicefs",
        "goofys",
        "mfs",
        "blobfuse",
        "mount-s3",
        "beegfs",
        "nfs",
        "cifs",
    ];
    const LOCAL: &[&str] = &["fuseblk", "ntfs", "mergerfs", "encfs", "gocryptfs", "overlay", "ext"];
    let kind = name.strip_prefix("fuse.").unwrap_or(name).to_lowercase();
    let is_one_of = |names: &[&str]| names.iter().any(|known| kind.contains(known));
    if is_one_of(NETWORK) {
        Drive::Network(name.to_owned())
    } else if is_one_of(LOCAL) {
        Drive::Local
    } else {
        Drive::Unknown
    }
}

/// The type of the file system that is mounted for a device, by a table such as
/// `36 35 0:52 / /mnt rw shared:1 - fuse.sshfs host: rw`.
/// <https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html>
#[cfg(target_os = "linux")]
fn mounted_as(table: &str, device: u64) -> Option<String> {
    let wanted = format!("{}:{}", rustix::fs::major(device), rustix::fs::minor(device));
    let line = table.lines().find(|line| line.split(' ').nth(2) == Some(&wanted))?;
    let (_, of_the_system) = line.split_once(" - ")?;
    Some(of_the_system.split(' ').next()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drive(magic: u32, name: &str) -> Drive {
        by_magic(magic, || Some(name.to_owned()))
    }

    #[test]
    fn drives_of_other_machines_are_known_by_their_number() {
        for (magic, kind) in [(0x6969, "nfs"), (0xff53_4d42, "cifs"), (0x0102_1997, "9p")] {
            assert_eq!(drive(magic, ""), Drive::Network(kind.to_owned()));
        }
        assert_eq!(drive(0xef53, ""), Drive::Local, "ext4");
        assert_eq!(drive(0x0102_1994, ""), Drive::Local, "tmpfs");
    }

    #[test]
    fn fuse_is_known_by_name() {
        assert_eq!(drive(0x6573_5546, "fuse.sshfs"), Drive::Network("fuse.sshfs".into()));
        assert_eq!(drive(0x6573_5546, "fuseblk"), Drive::Local);
        assert_eq!(drive(0x6573_5546, "fuse.something"), Drive::Unknown);
        assert_eq!(by_magic(0x6573_5546, || None), Drive::Unknown);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_name_is_found_by_the_device() {
        let table = "\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
36 22 0:52 / /mnt/far away rw,nosuid shared:2 - fuse.sshfs host:/home rw,user_id=0
37 22 0:53 / /mnt/none rw - tmpfs tmpfs rw";
        assert_eq!(mounted_as(table, 52).as_deref(), Some("fuse.sshfs"));
        assert_eq!(mounted_as(table, 53).as_deref(), Some("tmpfs"));
        assert_eq!(mounted_as(table, 0xfe00).as_deref(), Some("ext4"));
        assert_eq!(mounted_as(table, 54), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_is_there_has_a_drive() {
        // Wherever the tests run, SQLite's own tests would fail on a network drive.
        assert!(!matches!(Drive::of(Path::new("/proc/self/status")), Drive::Network(_)));
        assert_eq!(Drive::of(Path::new("/no/such/file")), Drive::Unknown);
    }
}
