/* Taking a computer out of the fleet: `retire N` and `leave`. */
#ifndef TRINE_RETIRE_H
#define TRINE_RETIRE_H

#include "command.h"

/* Put N into the `retired:` list of fleet.yaml, by the desk and as many cycles as that
 * takes; says so once the branch has it. ERR_AGAIN: it has not yet. Then the desk has
 * it, and the next cycle brings it; unless others change that line at the same time. */
int retire(struct cli *cli, int n, struct error *err);

#endif
