/*
 * The service manager that started us, if it wants to know how we are: sd_notify(3),
 * one datagram to $NOTIFY_SOCKET. Without one, nothing happens.
 */
#ifndef TRINE_NOTIFY_H
#define TRINE_NOTIFY_H

#include <stdint.h>

/* TEXT: "READY=1", "STATUS=…", several with newlines between them. */
void notify_say(const char *text);
/* It ends us when it has not heard "WATCHDOG=1" for so many milliseconds; 0: it does
 * not. */
int64_t notify_watchdog(void);

#endif
