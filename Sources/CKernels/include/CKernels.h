// Leaf kernels that Swift cannot say well. Static inline, so that they are inlined into Swift's loops.
#ifndef HIVEQL_CKERNELS_H
#define HIVEQL_CKERNELS_H

#include "bit_packing.h"
#include "text_scan.h"

#endif
