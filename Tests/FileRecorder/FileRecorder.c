#ifdef __linux__
#define _GNU_SOURCE
#endif
#include "FileRecorder.h"

#include <errno.h>

#ifndef __linux__
int file_recorder_start(const char *folders, const char *log) { return ENOSYS; }
void file_recorder_report_success(void) {}
void file_recorder_stop(void) {}
#else

#include "Gate.h"
#include "RecordedCalls.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/// The C library's own function, behind the one that is defined here.
#define NEXT(result, name, ...)                                                                                        \
    static _Atomic(result(*)(__VA_ARGS__)) found;                                                                      \
    result (*next)(__VA_ARGS__) = atomic_load_explicit(&found, memory_order_relaxed);                                  \
    if (!next) atomic_store(&found, next = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

static int next_openat(int folder, const char *path, int flags, mode_t mode) {
    NEXT(int, "openat", int, const char *, int, ...);
    return next(folder, path, flags, mode);
}

static ssize_t next_write(int file, const void *data, size_t count) {
    NEXT(ssize_t, "write", int, const void *, size_t);
    return next(file, data, count);
}

static int next_rename(int folder, const char *from, int to_folder, const char *to, unsigned flags) {
    NEXT(int, "renameat2", int, const char *, int, const char *, unsigned);
    return next(folder, from, to_folder, to, flags);
}

static int next_link(int folder, const char *from, int to_folder, const char *to, int flags) {
    NEXT(int, "linkat", int, const char *, int, const char *, int);
    return next(folder, from, to_folder, to, flags);
}

static int next_unlink(int folder, const char *path, int flags) {
    NEXT(int, "unlinkat", int, const char *, int);
    return next(folder, path, flags);
}

// MARK: What is watched

struct node {
    uint64_t device, inode;
    int watched; // the place in `vaults`
};

static atomic_bool is_active;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct node *nodes;
static size_t node_count, node_capacity;
static char *vaults[8];
static uint64_t vault_devices[8];
static int vault_count;
static int log_file = -1;

static const struct node *find(const struct stat *status) {
    for (size_t i = 0; i < node_count; i++)
        if (nodes[i].inode == status->st_ino && nodes[i].device == status->st_dev) return &nodes[i];
    return NULL;
}

static void vault_path(char *path, int watched, uint64_t inode) {
    snprintf(path, PATH_MAX, "%s/%llu", vaults[watched], (unsigned long long)inode);
}

/// Watches what is at the path, and keeps the inode of what is no folder.
static void add(int folder, const char *path, const struct stat *status, int watched) {
    if (!find(status)) {
        if (node_count == node_capacity) {
            node_capacity = node_capacity ? node_capacity * 2 : 256;
            nodes = realloc(nodes, node_capacity * sizeof *nodes);
        }
        nodes[node_count++] = (struct node){status->st_dev, status->st_ino, watched};
    }
    if (S_ISDIR(status->st_mode)) return;
    char kept[PATH_MAX];
    vault_path(kept, watched, status->st_ino);
    next_link(folder, path, AT_FDCWD, kept, 0);
}

static void add_tree(const char *path, int watched) {
    struct stat status;
    if (lstat(path, &status) != 0) return;
    add(AT_FDCWD, path, &status, watched);
    if (!S_ISDIR(status.st_mode)) return;
    DIR *stream = opendir(path);
    if (!stream) return;
    for (struct dirent *entry; (entry = readdir(stream));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        char inner[PATH_MAX];
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        add_tree(inner, watched);
    }
    closedir(stream);
}

int file_recorder_start(const char *folders, const char *log) {
    file_recorder_stop();
    pthread_mutex_lock(&lock);
    int code = 0;
    char *copy = strdup(folders), *rest = copy;
    for (char *path; (path = strsep(&rest, ":")) && vault_count < 8;) {
        char vault[PATH_MAX];
        snprintf(vault, sizeof vault, "%s.vault", path);
        struct stat status;
        if (stat(vault, &status) != 0) {
            code = errno;
            break;
        }
        vault_devices[vault_count] = status.st_dev;
        vaults[vault_count++] = strdup(vault);
        add_tree(path, vault_count - 1);
    }
    free(copy);
    if (!code && log && (log_file = next_openat(AT_FDCWD, log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) < 0)
        code = errno;
    if (!code) atomic_store(&is_active, true);
    pthread_mutex_unlock(&lock);
    return code;
}

void file_recorder_stop(void) {
    pthread_mutex_lock(&lock);
    atomic_store(&is_active, false);
    if (log_file >= 0) close(log_file);
    log_file = -1;
    while (vault_count > 0) free(vaults[--vault_count]);
    free(nodes);
    nodes = NULL;
    node_count = node_capacity = 0;
    pthread_mutex_unlock(&lock);
}

// MARK: The log

static void append(struct file_record record, const char *name, const char *second_name, const void *data) {
    if (log_file < 0) return;
    record.name_bytes = name ? strlen(name) : 0;
    record.second_name_bytes = second_name ? strlen(second_name) : 0;
    const void *parts[] = {&record, name, second_name, data};
    size_t counts[] = {sizeof record, record.name_bytes, record.second_name_bytes, record.data_bytes};
    for (int i = 0; i < 4; i++)
        for (size_t done = 0; done < counts[i];) {
            ssize_t count = next_write(log_file, (const char *)parts[i] + done, counts[i] - done);
            if (count < 0 && errno != EINTR) return;
            if (count > 0) done += count;
        }
}

void file_recorder_report_success(void) {
    pthread_mutex_lock(&lock);
    append((struct file_record){.kind = success_reported}, NULL, NULL, NULL);
    pthread_mutex_unlock(&lock);
}

static int64_t modified(const struct stat *status) {
    return (int64_t)status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec;
}

/// A record of what happened to an inode.
static struct file_record record(uint32_t kind, const struct stat *status) {
    return (struct file_record){
        .kind = kind, .device = status->st_dev, .inode = status->st_ino, .modified = modified(status)};
}

// MARK: Names in folders

struct place {
    /// NULL: the folder is not watched.
    const struct node *folder;
    uint64_t inode; // of the folder: `folder` moves when nodes are added
    int watched;
    char name[NAME_MAX + 1];
    /// What has the name now.
    bool exists;
    struct stat status;
};

static struct place place_of(int folder, const char *path) {
    struct place place = {0};
    char parent[PATH_MAX];
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') length--;
    size_t begin = length;
    while (begin > 0 && path[begin - 1] != '/') begin--;
    if (length >= sizeof parent || length - begin > NAME_MAX) return place;
    memcpy(place.name, path + begin, length - begin);
    size_t end = begin > 1 ? begin - 1 : begin;
    memcpy(parent, path, end);
    parent[end] = 0;
    struct stat status;
    if (fstatat(folder, end ? parent : ".", &status, 0) != 0 || !(place.folder = find(&status))) return place;
    place.inode = status.st_ino;
    place.watched = place.folder->watched;
    place.exists = fstatat(folder, path, &place.status, AT_SYMLINK_NOFOLLOW) == 0;
    return place;
}

/// After something new got a name.
static void made(int folder, const char *path, const struct place *place, int detail) {
    int code = errno;
    struct stat status;
    if (fstatat(folder, path, &status, AT_SYMLINK_NOFOLLOW) == 0) {
        add(folder, path, &status, place->watched);
        struct file_record entry = record(file_created, &status);
        entry.folder = place->inode;
        entry.detail = detail;
        append(entry, place->name, NULL, NULL);
    }
    errno = code;
}

static void removed(const struct place *place) {
    struct file_record entry = record(file_removed, &place->status);
    entry.folder = place->inode;
    append(entry, place->name, NULL, NULL);
}

int recorded_open(int folder, const char *path, int flags, mode_t mode) {
    if (!atomic_load(&is_active) || !(flags & (O_CREAT | O_TRUNC))) return next_openat(folder, path, flags, mode);
    pthread_mutex_lock(&lock);
    struct place place = place_of(folder, path);
    int file = next_openat(folder, path, flags, mode);
    if (file >= 0 && place.folder) {
        if (!place.exists) {
            made(folder, path, &place, 0);
        } else if (flags & O_TRUNC && place.status.st_size > 0) {
            struct stat status;
            if (fstat(file, &status) == 0) append(record(file_truncated, &status), NULL, NULL, NULL);
        }
    }
    pthread_mutex_unlock(&lock);
    return file;
}

int recorded_mkdir(int folder, const char *path, mode_t mode) {
    NEXT(int, "mkdirat", int, const char *, mode_t);
    if (!atomic_load(&is_active)) return next(folder, path, mode);
    pthread_mutex_lock(&lock);
    struct place place = place_of(folder, path);
    int result = next(folder, path, mode);
    if (result == 0 && place.folder) made(folder, path, &place, 1);
    pthread_mutex_unlock(&lock);
    return result;
}

int recorded_symlink(const char *text, int folder, const char *path) {
    NEXT(int, "symlinkat", const char *, int, const char *);
    if (!atomic_load(&is_active)) return next(text, folder, path);
    pthread_mutex_lock(&lock);
    struct place place = place_of(folder, path);
    int result = next(text, folder, path);
    if (result == 0 && place.folder) made(folder, path, &place, 2);
    pthread_mutex_unlock(&lock);
    return result;
}

int recorded_link(int folder, const char *from, int to_folder, const char *to, int flags) {
    if (!atomic_load(&is_active)) return next_link(folder, from, to_folder, to, flags);
    pthread_mutex_lock(&lock);
    struct place place = place_of(to_folder, to);
    int result = next_link(folder, from, to_folder, to, flags);
    struct stat status;
    if (result == 0 && place.folder && fstatat(to_folder, to, &status, AT_SYMLINK_NOFOLLOW) == 0) {
        struct file_record entry = record(file_linked, &status);
        entry.folder = place.inode;
        append(entry, place.name, NULL, NULL);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

/// Puts a folder that is about to go into the vault. Returns whether it did: not when something is in it.
static bool keep_folder(int folder, const char *path, const struct place *place) {
    char kept[PATH_MAX];
    vault_path(kept, place->watched, place->status.st_ino);
    int inner = next_openat(folder, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    DIR *stream = inner < 0 ? NULL : fdopendir(inner);
    if (!stream) return false;
    int count = 0;
    for (struct dirent *entry; (entry = readdir(stream));)
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) count++;
    closedir(stream);
    return count == 0 && next_rename(folder, path, AT_FDCWD, kept, RENAME_NOREPLACE) == 0;
}

int recorded_rename(int folder, const char *from, int to_folder, const char *to, unsigned flags) {
    if (!atomic_load(&is_active)) return next_rename(folder, from, to_folder, to, flags);
    pthread_mutex_lock(&lock);
    struct place source = place_of(folder, from), target = place_of(to_folder, to);
    bool are_two = !target.exists || target.status.st_ino != source.status.st_ino;
    if (source.folder && source.exists && target.folder && target.exists && are_two && S_ISDIR(target.status.st_mode) &&
        S_ISDIR(source.status.st_mode) && !flags)
        keep_folder(to_folder, to, &target);
    int result = next_rename(folder, from, to_folder, to, flags);
    if (result == 0 && source.folder && target.folder && are_two) {
        struct file_record entry = record(file_renamed, &source.status);
        entry.folder = source.inode;
        entry.second_folder = target.inode;
        append(entry, source.name, target.name, NULL);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

int recorded_unlink(int folder, const char *path, int flags) {
    if (!atomic_load(&is_active)) return next_unlink(folder, path, flags);
    pthread_mutex_lock(&lock);
    struct place place = place_of(folder, path);
    bool is_kept = place.folder && place.exists && flags & AT_REMOVEDIR && S_ISDIR(place.status.st_mode) &&
                   find(&place.status) && keep_folder(folder, path, &place);
    int result = is_kept ? 0 : next_unlink(folder, path, flags);
    if (result == 0 && place.folder) removed(&place);
    pthread_mutex_unlock(&lock);
    return result;
}

int recorded_times(int folder, const char *path, const struct timespec times[2], int flags) {
    NEXT(int, "utimensat", int, const char *, const struct timespec *, int);
    int result = next(folder, path, times, flags);
    if (result != 0 || !atomic_load(&is_active)) return result;
    pthread_mutex_lock(&lock);
    struct stat status;
    if (fstatat(folder, path, &status, flags) == 0 && find(&status)) append(record(file_times_set, &status), NULL, NULL, NULL);
    pthread_mutex_unlock(&lock);
    return result;
}

// MARK: Contents

/// Holds the lock when it returns true: the file is watched.
static bool begin(int file, struct stat *status) {
    if (!atomic_load(&is_active)) return false;
    int code = errno;
    pthread_mutex_lock(&lock);
    bool is_watched = fstat(file, status) == 0 && find(status);
    if (!is_watched) pthread_mutex_unlock(&lock);
    errno = code;
    return is_watched;
}

static void end(void) { pthread_mutex_unlock(&lock); }

static void written(int file, int64_t offset, const void *data, ssize_t count) {
    int code = errno;
    struct stat status;
    if (count > 0 && fstat(file, &status) == 0) {
        struct file_record entry = record(file_written, &status);
        entry.detail = offset;
        entry.data_bytes = count;
        append(entry, NULL, NULL, data);
    }
    errno = code;
}

static int64_t position(int file, const struct stat *status) {
    return fcntl(file, F_GETFL) & O_APPEND ? status->st_size : lseek(file, 0, SEEK_CUR);
}

ssize_t recorded_write(int file, const void *data, size_t count) {
    struct stat status;
    if (!begin(file, &status)) return next_write(file, data, count);
    int64_t offset = position(file, &status);
    ssize_t result = next_write(file, data, count);
    written(file, offset, data, result);
    end();
    return result;
}

ssize_t recorded_pwrite64(int file, const void *data, size_t count, off64_t offset) {
    NEXT(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
    struct stat status;
    if (!begin(file, &status)) return next(file, data, count, offset);
    ssize_t result = next(file, data, count, offset);
    written(file, offset, data, result);
    end();
    return result;
}

ssize_t recorded_writev(int file, const struct iovec *parts, int count) {
    NEXT(ssize_t, "writev", int, const struct iovec *, int);
    struct stat status;
    if (!begin(file, &status)) return next(file, parts, count);
    int64_t offset = position(file, &status);
    ssize_t result = next(file, parts, count), left = result;
    for (int i = 0; i < count && left > 0; i++) {
        ssize_t part = left < (ssize_t)parts[i].iov_len ? left : (ssize_t)parts[i].iov_len;
        written(file, offset, parts[i].iov_base, part);
        offset += part;
        left -= part;
    }
    end();
    return result;
}

int recorded_ftruncate64(int file, off64_t size) {
    NEXT(int, "ftruncate64", int, off64_t);
    struct stat status;
    if (!begin(file, &status)) return next(file, size);
    int result = next(file, size);
    if (result == 0 && fstat(file, &status) == 0) {
        struct file_record entry = record(file_truncated, &status);
        entry.detail = size;
        append(entry, NULL, NULL, NULL);
    }
    end();
    return result;
}

// MARK: Durability

int recorded_fsync(int file) {
    NEXT(int, "fsync", int);
    struct stat status;
    if (!begin(file, &status)) return gate_forgoes_durability() ? 0 : next(file);
    append(record(file_synchronized, &status), NULL, NULL, NULL);
    end();
    return 0;
}

int recorded_fdatasync(int file) {
    NEXT(int, "fdatasync", int);
    struct stat status;
    if (!begin(file, &status)) return gate_forgoes_durability() ? 0 : next(file);
    append(record(file_synchronized, &status), NULL, NULL, NULL);
    end();
    return 0;
}

int recorded_syncfs(int file) {
    NEXT(int, "syncfs", int);
    if (gate_forgoes_durability() && !atomic_load(&is_active)) return 0;
    if (!atomic_load(&is_active)) return next(file);
    struct stat status;
    pthread_mutex_lock(&lock);
    bool is_watched = false;
    if (log_file >= 0 && fstat(file, &status) == 0)
        for (int i = 0; i < vault_count; i++) is_watched |= vault_devices[i] == status.st_dev;
    if (is_watched) append(record(device_synchronized, &status), NULL, NULL, NULL);
    pthread_mutex_unlock(&lock);
    return is_watched ? 0 : next(file);
}

#endif
