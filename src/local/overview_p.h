/* Private to src/local: the half of the overview that judges the other. */
#ifndef TRINE_OVERVIEW_P_H
#define TRINE_OVERVIEW_P_H

#include "trine/overview.h"

/* Fill O's problems: those of the log, and what follows from its facts. */
int problems_gather(struct home *h, struct overview *o, struct error *err);

#endif
