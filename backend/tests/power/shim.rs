//! SQLite's file system of this process: the system's, with a [`Disk`] in between for folders that have
//! one. It overrides opening and removing a file, and writing, truncating, syncing and closing an open one.
//! The methods state version 2, which has no `xFetch`: writes through mapped memory would bypass
//! the disk.

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

/// The folders of running tests: a test that ends drops its disk.
static DISKS: Mutex<BTreeMap<PathBuf, Weak<Disk>>> = Mutex::new(BTreeMap::new());

/// Registers a disk for a folder, for files that are opened from now on.
pub fn put(disk: &Arc<Disk>, folder: &Path) {
    system();
    let mut disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
    disks.retain(|_, disk| disk.strong_count() > 0);
    disks.insert(folder.to_owned(), Arc::downgrade(disk));
}

/// The system's file system, which is never freed.
struct System(*mut sqlite3_vfs);

// SAFETY: SQLite uses a file system from any thread.
unsafe impl Send for System {}
// SAFETY: as above.
unsafe impl Sync for System {}

/// Registers this file system as the default at the first call.
fn system() -> *mut sqlite3_vfs {
    static SYSTEM: OnceLock<System> = OnceLock::new();
    let system = SYSTEM.get_or_init(|| {
        // SAFETY: SQLite is initialized before this call, and a registered file system is never freed.
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

/// The disk under a file, if there is one, and the file's name.
///
/// # Safety
/// The path is null or a C string.
unsafe fn disk_under(path: *const c_char) -> Option<(Arc<Disk>, String)> {
    if path.is_null() {
        return None;
    }
    // SAFETY: guaranteed by the caller.
    let path = Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(path) }.to_bytes()));
    let disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
    let disk = disks.get(path.parent()?)?.upgrade()?;
    Some((disk, path.file_name()?.to_str()?.to_owned()))
}

/// An open file. The methods are its first field: SQLite uses its pointer as a pointer to them.
#[repr(C)]
struct Handle {
    methods: sqlite3_io_methods,
    system: *const sqlite3_io_methods,
    disk: Arc<Disk>,
    name: String,
    /// The first sync of a journal by the system's methods also syncs the folder.
    folder_too: AtomicBool,
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    path: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    // SAFETY: forwards SQLite's arguments. An opened file has methods, and ours stay until
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
    // SAFETY: forwards SQLite's arguments.
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
/// The file has a handle from [`open`].
unsafe fn handle<'a>(file: *mut sqlite3_file) -> &'a Handle {
    // SAFETY: guaranteed by the caller; there is no mutable reference.
    unsafe { &*(*file).pMethods.cast() }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: `open` made the handle; SQLite closes a file once, and does not use it afterwards.
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
    // SAFETY: the buffer has this many bytes, and the system's method gets no more of them.
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
    // SAFETY: forwards SQLite's arguments.
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

/// The real sync is omitted: this machine loses no power, and the disk knows which writes are synced.
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
