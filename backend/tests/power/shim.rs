//! SQLite's file system of this process: the system's own, with a [`Disk`] in between where one was put
//! under a folder. Every method is the system's but for opening and removing a file, and for writing,
//! cutting, syncing and closing one. Without `xFetch`, since the methods say that they are of version 2:
//! what is mapped into memory is written past a disk.

// SQLite's file system is a table of C functions.
#![allow(unsafe_code)]

use std::{
    collections::BTreeMap,
    ffi::{CStr, OsStr, c_char, c_int, c_void},
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    ptr, slice,
    sync::{
        Arc, Mutex, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use rusqlite::ffi::{
    SQLITE_OK, SQLITE_OPEN_CREATE, SQLITE_OPEN_MAIN_JOURNAL, SQLITE_OPEN_WAL, sqlite3_file,
    sqlite3_initialize, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs, sqlite3_vfs_find,
    sqlite3_vfs_register,
};

use crate::disk::Disk;

/// Only the folders of tests that run now: a test that ends lets go of its disk.
static DISKS: Mutex<BTreeMap<PathBuf, Weak<Disk>>> = Mutex::new(BTreeMap::new());

/// Puts a disk under a folder, for what is opened from now on.
pub fn put(disk: &Arc<Disk>, folder: &Path) {
    system();
    let mut disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
    disks.retain(|_, disk| disk.strong_count() > 0);
    disks.insert(folder.to_owned(), Arc::downgrade(disk));
}

/// The system's file system. It lives as long as the process.
struct System(*mut sqlite3_vfs);

// SAFETY: SQLite uses a file system from all threads.
unsafe impl Send for System {}
// SAFETY: as above.
unsafe impl Sync for System {}

/// Makes ours the default at the first call.
fn system() -> *mut sqlite3_vfs {
    static SYSTEM: OnceLock<System> = OnceLock::new();
    let system = SYSTEM.get_or_init(|| {
        // SAFETY: SQLite is initialized before it is asked, and what is registered lives for ever.
        unsafe {
            assert_eq!(sqlite3_initialize(), SQLITE_OK);
            let system = sqlite3_vfs_find(ptr::null());
            let ours = Box::leak(Box::new(sqlite3_vfs {
                zName: c"power".as_ptr(),
                xOpen: Some(open),
                xDelete: Some(delete),
                pNext: ptr::null_mut(),
                ..*system
            }));
            assert_eq!(sqlite3_vfs_register(ours, 1), SQLITE_OK);
            System(system)
        }
    });
    system.0
}

/// The disk under a file, and the file's name.
///
/// # Safety
/// The path is null or a C string.
unsafe fn disk_under(path: *const c_char) -> Option<(Arc<Disk>, String)> {
    if path.is_null() {
        return None;
    }
    // SAFETY: as the caller says.
    let path = Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(path) }.to_bytes()));
    let disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
    let disk = disks.get(path.parent()?)?.upgrade()?;
    Some((disk, path.file_name()?.to_str()?.to_owned()))
}

/// An open file. The methods come first: SQLite's pointer to them is the pointer to all of it.
#[repr(C)]
struct Handle {
    methods: sqlite3_io_methods,
    system: *const sqlite3_io_methods,
    disk: Arc<Disk>,
    name: String,
    /// The system's first sync of a journal syncs the folder too.
    folder_too: AtomicBool,
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    path: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite's arguments are handed on. A file that was opened has methods, and ours stay until
    // it is closed.
    unsafe {
        let answer = (*system()).xOpen.expect("a method")(system(), path, file, flags, flags_out);
        if answer == SQLITE_OK
            && let Some((disk, name)) = disk_under(path)
        {
            let made = flags & SQLITE_OPEN_CREATE != 0;
            let journal = flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL) != 0;
            disk.opened(&name);
            let system = (*file).pMethods;
            let handle = Box::new(Handle {
                methods: sqlite3_io_methods {
                    iVersion: 2,
                    xClose: Some(close),
                    xWrite: Some(write),
                    xTruncate: Some(truncate),
                    xSync: Some(sync),
                    ..*system
                },
                system,
                disk,
                name,
                folder_too: AtomicBool::new(made && journal),
            });
            (*file).pMethods = Box::into_raw(handle).cast();
        }
        answer
    }
}

unsafe extern "C" fn delete(_: *mut sqlite3_vfs, path: *const c_char, sync_folder: c_int) -> c_int {
    // SAFETY: SQLite's arguments are handed on.
    unsafe {
        let answer = (*system()).xDelete.expect("a method")(system(), path, sync_folder);
        if answer == SQLITE_OK
            && let Some((disk, name)) = disk_under(path)
        {
            disk.removed(&name, sync_folder != 0);
        }
        answer
    }
}

/// # Safety
/// The file is one that [`open`] has given a handle.
unsafe fn handle<'a>(file: *mut sqlite3_file) -> &'a Handle {
    // SAFETY: as the caller says; nobody has it mutably.
    unsafe { &*(*file).pMethods.cast() }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: the handle was made by `open`; SQLite closes a file once, and does nothing with it after.
    unsafe {
        let handle: Box<Handle> = Box::from_raw((*file).pMethods.cast_mut().cast());
        (*file).pMethods = handle.system;
        let answer = (*handle.system).xClose.expect("a method")(file);
        handle.disk.closed(&handle.name);
        answer
    }
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    bytes: *const c_void,
    count: c_int,
    at: sqlite3_int64,
) -> c_int {
    // SAFETY: there are so many bytes, and the system is given no more of them.
    unsafe {
        let handle = handle(file);
        let bytes = slice::from_raw_parts(bytes.cast(), usize::try_from(count).expect("a length"));
        let system = (*handle.system).xWrite.expect("a method");
        let offset = usize::try_from(at).expect("an offset");
        handle.disk.write(&handle.name, offset, bytes, |some| {
            let count = c_int::try_from(some.len()).expect("no more than before");
            system(file, some.as_ptr().cast(), count, at)
        })
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    // SAFETY: SQLite's arguments are handed on.
    unsafe {
        let handle = handle(file);
        let answer = (*handle.system).xTruncate.expect("a method")(file, size);
        if answer == SQLITE_OK {
            handle
                .disk
                .truncated(&handle.name, usize::try_from(size).expect("a size"));
        }
        answer
    }
}

/// The system's is left out: this machine loses no power, and the disk knows what would be kept.
unsafe extern "C" fn sync(file: *mut sqlite3_file, _: c_int) -> c_int {
    // SAFETY: SQLite syncs a file that is open.
    let handle = unsafe { handle(file) };
    let folder_too = handle.folder_too.load(Ordering::Relaxed);
    let answer = handle.disk.sync(&handle.name, folder_too);
    if answer == SQLITE_OK {
        handle.folder_too.store(false, Ordering::Relaxed);
    }
    answer
}
