/// Records what this process does to watched folders, by standing in front of the C library's calls that change files.
///
/// The calls are defined in the test program itself, which the dynamic linker asks first, also for the calls of shared
/// libraries such as SQLite's. As long as nothing is watched they only pass on. Linux alone.
///
/// Every file, link and folder of a watched folder keeps its inode as long as its vault is there: files are also linked
/// there, and folders that are removed are moved there. So a file system can be put together again, with the identities
/// that a program may have noted, as often as a test wants.
#ifndef FILE_RECORDER_H
#define FILE_RECORDER_H

#include <stdint.h>

#include "FileGate.h"

enum {
    file_created = 1,        // inode (of `detail`: 0 a file, 1 a folder, 2 a link) in folder, under name
    file_linked = 2,         // inode in folder, under name
    file_renamed = 3,        // inode from folder, name to second_folder, second name
    file_removed = 4,        // inode from folder, name
    file_written = 5,        // inode at offset detail: data
    file_truncated = 6,      // inode to detail bytes
    file_times_set = 7,      // inode to modified
    file_synchronized = 8,   // inode
    device_synchronized = 9, // device
    success_reported = 10,   // what the process was to do is done
};

/// One entry of the log; name, second name and data follow it.
struct file_record {
    uint32_t kind;
    uint32_t name_bytes;
    uint32_t second_name_bytes;
    uint32_t data_bytes;
    uint64_t device;
    uint64_t inode;
    uint64_t folder;
    uint64_t second_folder;
    int64_t detail;
    /// When the file was last written to, in nanoseconds since 1970, of calls that change that.
    int64_t modified;
};

/// Watches folders, with all that is in them and comes into them.
/// - folders: paths, with `:` between them. `PATH.vault` beside each is its vault, which has to be there.
/// - log: the file that takes the records; NULL: nothing is recorded, but inodes are kept.
/// Watched files are not really made durable: tests would wait for the disk.
/// Returns 0, or the error's number. Linux's calls only: ENOSYS elsewhere.
int file_recorder_start(const char *folders, const char *log);

/// Notes `success_reported`.
void file_recorder_report_success(void);

void file_recorder_stop(void);

#endif
