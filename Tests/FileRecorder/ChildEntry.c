#include <stdlib.h>

// Defined by the tests that start their own program again; absent where those are not linked.
extern void hiveql_run_test_child(void) __attribute__((weak));

// Before `main`, because setting up the test library takes ten times as long as the statement that the child is to run.
__attribute__((constructor)) static void run_test_child(void) {
    if (getenv("HIVEQL_TEST_CHILD_WAREHOUSE") && hiveql_run_test_child) hiveql_run_test_child();
}
