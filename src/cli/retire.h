/* Taking a computer out of the fleet: `retire N` and `leave`. */
#ifndef TRINE_RETIRE_H
#define TRINE_RETIRE_H

#include "command.h"

/* Put N into the `retired:` list of fleet.yaml on the desk, then sync. */
int retire(struct cli *cli, int n, struct error *err);

#endif
