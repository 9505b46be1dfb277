/// Calls that change files pass a gate, which may refuse them or end the process at one of them. The calls are those that
/// `FileRecorder.h` stands in front of. Linux alone.
#ifndef FILE_GATE_H
#define FILE_GATE_H
#include <stdint.h>

/// Lets this process change nothing outside of some folders, and not the folders themselves: other calls fail with EACCES.
/// For what runs statements that nobody has read.
/// - folders: paths, with `:` between them, that are there.
/// Returns 0, or the error's number.
int file_gate_confine(const char *folders);

/// Calls that were refused.
uint64_t file_gate_refusals(void);

/// From now on nothing is really made durable: for what loses no power, which would only wait for the disk.
void file_gate_forgo_durability(void);

/// Ends the process with SIGKILL at a call that changes files, counted from 1 and from now on.
/// - after_it: when the call has been done, not before.
/// 0: never; calls are only counted.
void file_gate_kill_at(uint64_t call, int after_it);

/// The calls so far.
uint64_t file_gate_calls(void);

#endif
