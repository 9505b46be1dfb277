#include <stdio.h>
#include <editline/readline.h>

/// The characters that end a word for completion. GNU's library reads the one variable, libedit the other.
static inline void set_completion_word_breaks(char *characters) {
    rl_completer_word_break_characters = characters;
    rl_basic_word_break_characters = characters;
}
