#ifdef __linux__
#define _GNU_SOURCE
// The functions that stand in front of the C library's: each passes the gate, then the recorder, which makes the call.
#include "Gate.h"
#include "RecordedCalls.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>

static int watched_open(int folder, const char *path, int flags, mode_t mode) {
    bool changes = flags & (O_CREAT | O_TRUNC);
    if ((changes || (flags & O_ACCMODE) != O_RDONLY) && !gate_allows(folder, path, true)) return -1;
    if (!changes) return recorded_open(folder, path, flags, mode);
    gate_enter();
    int file = recorded_open(folder, path, flags, mode);
    gate_leave();
    return file;
}

static int mode_of(int flags, va_list list) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(list, int) : 0; }

#define OPEN(name)                                                                                                     \
    int name(const char *path, int flags, ...) {                                                                       \
        va_list list;                                                                                                  \
        va_start(list, flags);                                                                                         \
        int mode = mode_of(flags, list);                                                                               \
        va_end(list);                                                                                                  \
        return watched_open(AT_FDCWD, path, flags, mode);                                                              \
    }
#define OPEN_AT(name)                                                                                                  \
    int name(int folder, const char *path, int flags, ...) {                                                           \
        va_list list;                                                                                                  \
        va_start(list, flags);                                                                                         \
        int mode = mode_of(flags, list);                                                                               \
        va_end(list);                                                                                                  \
        return watched_open(folder, path, flags, mode);                                                                \
    }
OPEN(open)
OPEN(open64)
OPEN_AT(openat)
OPEN_AT(openat64)
int creat(const char *path, mode_t mode) { return watched_open(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode); }

int mkdirat(int folder, const char *path, mode_t mode) {
    if (!gate_allows(folder, path, false)) return -1;
    gate_enter();
    int result = recorded_mkdir(folder, path, mode);
    gate_leave();
    return result;
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

int symlinkat(const char *text, int folder, const char *path) {
    if (!gate_allows(folder, path, false)) return -1;
    gate_enter();
    int result = recorded_symlink(text, folder, path);
    gate_leave();
    return result;
}
int symlink(const char *text, const char *path) { return symlinkat(text, AT_FDCWD, path); }

int linkat(int folder, const char *from, int to_folder, const char *to, int flags) {
    if (!gate_allows(to_folder, to, false)) return -1;
    gate_enter();
    int result = recorded_link(folder, from, to_folder, to, flags);
    gate_leave();
    return result;
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int renameat2(int folder, const char *from, int to_folder, const char *to, unsigned flags) {
    if (!gate_allows(folder, from, false) || !gate_allows(to_folder, to, false)) return -1;
    gate_enter();
    int result = recorded_rename(folder, from, to_folder, to, flags);
    gate_leave();
    return result;
}
int renameat(int folder, const char *from, int to_folder, const char *to) {
    return renameat2(folder, from, to_folder, to, 0);
}
int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int folder, const char *path, int flags) {
    if (!gate_allows(folder, path, false)) return -1;
    gate_enter();
    int result = recorded_unlink(folder, path, flags);
    gate_leave();
    return result;
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int utimensat(int folder, const char *path, const struct timespec times[2], int flags) {
    if (!gate_allows(folder, path, true)) return -1;
    gate_enter();
    int result = recorded_times(folder, path, times, flags);
    gate_leave();
    return result;
}

ssize_t write(int file, const void *data, size_t count) {
    bool counts = gate_enter_file(file);
    ssize_t result = recorded_write(file, data, count);
    if (counts) gate_leave();
    return result;
}

ssize_t pwrite64(int file, const void *data, size_t count, off64_t offset) {
    bool counts = gate_enter_file(file);
    ssize_t result = recorded_pwrite64(file, data, count, offset);
    if (counts) gate_leave();
    return result;
}
ssize_t pwrite(int file, const void *data, size_t count, off_t offset) { return pwrite64(file, data, count, offset); }

ssize_t writev(int file, const struct iovec *parts, int count) {
    bool counts = gate_enter_file(file);
    ssize_t result = recorded_writev(file, parts, count);
    if (counts) gate_leave();
    return result;
}

int ftruncate64(int file, off64_t size) {
    bool counts = gate_enter_file(file);
    int result = recorded_ftruncate64(file, size);
    if (counts) gate_leave();
    return result;
}
int ftruncate(int file, off_t size) { return ftruncate64(file, size); }

int fsync(int file) {
    bool counts = gate_enter_file(file);
    int result = recorded_fsync(file);
    if (counts) gate_leave();
    return result;
}

int fdatasync(int file) {
    bool counts = gate_enter_file(file);
    int result = recorded_fdatasync(file);
    if (counts) gate_leave();
    return result;
}

int syncfs(int file) {
    gate_enter();
    int result = recorded_syncfs(file);
    gate_leave();
    return result;
}
#endif
