#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

// The C library's calls, with a record of what they did.

int recorded_open(int folder, const char *path, int flags, mode_t mode);
int recorded_mkdir(int folder, const char *path, mode_t mode);
int recorded_symlink(const char *text, int folder, const char *path);
int recorded_link(int folder, const char *from, int to_folder, const char *to, int flags);
int recorded_rename(int folder, const char *from, int to_folder, const char *to, unsigned flags);
int recorded_unlink(int folder, const char *path, int flags);
int recorded_times(int folder, const char *path, const struct timespec times[2], int flags);
ssize_t recorded_write(int file, const void *data, size_t count);
ssize_t recorded_pwrite64(int file, const void *data, size_t count, off64_t offset);
ssize_t recorded_writev(int file, const struct iovec *parts, int count);
int recorded_ftruncate64(int file, off64_t size);
int recorded_fsync(int file);
int recorded_fdatasync(int file);
int recorded_syncfs(int file);
