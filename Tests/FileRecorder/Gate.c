#ifdef __linux__
#define _GNU_SOURCE
#endif
#include "FileGate.h"

#include <errno.h>

#ifndef __linux__
int file_gate_confine(const char *folders) { return ENOSYS; }
uint64_t file_gate_refusals(void) { return 0; }
void file_gate_kill_at(uint64_t call, int after_it) {}
uint64_t file_gate_calls(void) { return 0; }
void file_gate_forgo_durability(void) {}
#else
#include "Gate.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *confines[8];
static atomic_int confine_count;
static atomic_ullong refusals, calls, last_call;
static atomic_bool is_counting, dies_after, is_fleeting;

int file_gate_confine(const char *folders) {
    char *copy = strdup(folders), *rest = copy;
    int code = 0, count = 0;
    for (char *path; (path = strsep(&rest, ":")) && count < 8;) {
        if (!(confines[count] = realpath(path, NULL))) {
            code = errno;
            break;
        }
        count++;
    }
    free(copy);
    if (!code) atomic_store(&confine_count, count);
    return code;
}

uint64_t file_gate_refusals(void) { return atomic_load(&refusals); }

/// - path: without links.
static bool is_inside(const char *path, int count) {
    for (int i = 0; i < count; i++) {
        size_t length = strlen(confines[i]);
        if (!strncmp(path, confines[i], length) && (path[length] == 0 || path[length] == '/')) return true;
    }
    return false;
}

/// The path from the root on; false: it is too long, or has no beginning.
static bool make_absolute(int folder, const char *path, char *result, size_t size) {
    if (path[0] == '/') return (size_t)snprintf(result, size, "%s", path) < size;
    char base[PATH_MAX], link[64];
    if (folder == AT_FDCWD) {
        if (!getcwd(base, sizeof base)) return false;
    } else {
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        ssize_t length = readlink(link, base, sizeof base - 1);
        if (length < 0) return false;
        base[length] = 0;
    }
    return (size_t)snprintf(result, size, "%s/%s", base, path) < size;
}

bool gate_allows(int folder, const char *path, bool follows) {
    int count = atomic_load(&confine_count);
    if (!count) return true;
    int code = errno;
    char whole[2 * PATH_MAX], found[PATH_MAX];
    bool is_allowed = make_absolute(folder, path, whole, sizeof whole);
    if (is_allowed && !strcmp(whole, "/dev/null")) return true;
    if (is_allowed && follows && realpath(whole, found)) is_allowed = is_inside(found, count);
    if (is_allowed) {
        size_t length = strlen(whole);
        while (length > 1 && whole[length - 1] == '/') length--;
        while (length > 1 && whole[length - 1] != '/') length--;
        const char *name = whole + length;
        // Names of folders that already have another name.
        bool is_step = !strncmp(name, "..", 2) && (name[2] == 0 || name[2] == '/');
        is_step |= name[0] == '.' && (name[1] == 0 || name[1] == '/');
        whole[length] = 0;
        // A folder that is not there makes the call fail of itself.
        is_allowed = !is_step && (!realpath(whole, found) || is_inside(found, count));
    }
    errno = code;
    if (is_allowed) return true;
    atomic_fetch_add(&refusals, 1);
    errno = EACCES;
    return false;
}

void file_gate_forgo_durability(void) { atomic_store(&is_fleeting, true); }

bool gate_forgoes_durability(void) { return atomic_load(&is_fleeting); }

void file_gate_kill_at(uint64_t call, int after_it) {
    atomic_store(&calls, 0);
    atomic_store(&last_call, call);
    atomic_store(&dies_after, after_it != 0);
    atomic_store(&is_counting, true);
}

uint64_t file_gate_calls(void) { return atomic_load(&calls); }

void gate_enter(void) {
    if (!atomic_load(&is_counting)) return;
    if (atomic_fetch_add(&calls, 1) + 1 == atomic_load(&last_call) && !atomic_load(&dies_after)) raise(SIGKILL);
}

void gate_leave(void) {
    if (!atomic_load(&is_counting)) return;
    if (atomic_load(&calls) == atomic_load(&last_call) && atomic_load(&dies_after)) raise(SIGKILL);
}

bool gate_enter_file(int file) {
    if (!atomic_load(&is_counting)) return false;
    int code = errno;
    struct stat status;
    bool is_regular = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
    errno = code;
    if (is_regular) gate_enter();
    return is_regular;
}
#endif
