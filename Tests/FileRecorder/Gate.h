#include <stdbool.h>
#include <sys/types.h>

/// Whether a call may change the name `path` in its folder; sets errno where not.
/// - follows: it also changes what a link of that name leads to.
bool gate_allows(int folder, const char *path, bool follows);

/// Around each call that changes files.
void gate_enter(void);
void gate_leave(void);
/// The same for calls that write into an open file; others than regular files do not count.
bool gate_enter_file(int file);

/// Whether calls that make something durable are left out.
bool gate_forgoes_durability(void);
