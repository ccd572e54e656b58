/* Private: what the two files of old_mail.h share. */
#ifndef TRINE_OLD_MAIL_P_H
#define TRINE_OLD_MAIL_P_H

#include "trine/old_mail.h"

/* Ask history about the messages that are new here. Those that do not say when
 * get the time of the commit that brought their words (extra key `dated:
 * commit`), if there is one and it takes no long search. What was written by
 * hand into a stream to us since the fleet has trine reaches us by itself: such
 * a part becomes IMPORT_TRINE. */
int old_mail_ask_history(struct home *h, struct old_mail *m, struct error *err);

#endif
