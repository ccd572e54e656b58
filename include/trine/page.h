/* The dashboard's page, src/daemon/dashboard.html, built into the programs by
 * config/embed; dashboard.h fills it. */
#ifndef TRINE_PAGE_H
#define TRINE_PAGE_H

#include <stddef.h>

extern const char dashboard_page[];
extern const size_t dashboard_page_len;

#endif
