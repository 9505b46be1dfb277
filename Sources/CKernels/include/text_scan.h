#ifndef HIVEQL_TEXT_SCAN_H
#define HIVEQL_TEXT_SCAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#endif
