/*
 * Words that the view's tables (sql_schema.c) and the statements on them (sql.c) share.
 */
#ifndef STORE_SQL_WORDS_H
#define STORE_SQL_WORDS_H

/* Conditions of partial indexes: a query uses such an index only if it says the
 * same words. */
#define OUR_MAIL "direction = 0 AND sfrom <> sto"
#define UNCOMMITTED OUR_MAIL " AND committed = 0"
#define UNPUSHED OUR_MAIL " AND pushed = 0"
#define NOT_HANDED "direction = 1 AND handed = 0"
#define HANDING NOT_HANDED " AND handing <> 0"
#define QUEUED NOT_HANDED " AND handing = 0 AND session = 0" \
	" AND state IN ('QUEUED', 'ASSIGNED')"
#define UNREAD NOT_HANDED " AND read = 0 AND slot = 0 AND session = 0" \
	" AND " NOT_ENDED
#define IN_LINE "due <> 0"
#define AT_WORK "direction = 1 AND (slot <> 0 OR state = 'IN_PROGRESS')"
#define UNBROUGHT "direction = 1 AND early <> 0 AND brought = 0"
#define BLOCKED "direction = 1 AND state = 'BLOCKED'"
#define NOT_ENDED "state <> 'COMPLETED' AND state <> 'FAILED'"
#define OPEN "direction = 1 AND type = 'task' AND " NOT_ENDED
#define FREE "direction = 1 AND state = 'QUEUED' AND handing = 0" \
	" AND handed = 0 AND waits = 0 AND fleet = 0 AND wants = 0" \
	" AND parted = 0"
#define HAD OPEN " AND (session <> 0 OR instance IS NOT NULL)"
/* What each command looks for. */
#define SWEPT NOT_ENDED " AND (waits > 1 OR parted <> 0)"

/* Of what is in one of those. Each index costs whoever opens the view, and each change
 * of a message: these are few enough to be found there. */
#define TIMED "direction = 1 AND state = 'IN_PROGRESS' AND slot = 0" \
	" AND timeout <> 0"	/* AT_WORK */
#define BARRED "direction = 1 AND state = 'QUEUED' AND waits > 1" \
	" AND " NOT_ENDED	/* SWEPT */
#define PARTED "parted <> 0 AND " NOT_ENDED	/* SWEPT */
#define HELD "session <> 0 AND " OPEN	/* HAD */

/* Has anybody the task, or is he about to? Then it holds what it needs. */
#define HOLDS(row) "(" row ".session <> 0 OR " row ".slot <> 0" \
	" OR " row ".handing <> 0) AND " row ".state NOT IN ('COMPLETED', 'FAILED')"

/* What the task ID waits for, as enum task_wait. */
#define WAITS(id) "CASE" \
	" WHEN EXISTS (SELECT 1 FROM dependency d JOIN message a ON a.id = d.other" \
	"  WHERE d.task = " id " AND a.state = 'FAILED') THEN 2" \
	" WHEN EXISTS (SELECT 1 FROM dependency d LEFT JOIN message a" \
	"  ON a.id = d.other WHERE d.task = " id \
	"  AND coalesce(a.state, '') <> 'COMPLETED') THEN 1 ELSE 0 END"

/* The words of a message, for search; when it was said; and which of all f is about
 * (struct search_filter). */
#define TITLE(row) "json_extract(" row ".message, '$.title')"
#define BODY(row) row ".body"
#define SAID "CASE m.sent WHEN 0 THEN m.arrived ELSE m.sent END"
#define FILTERED " (?2 IS NULL OR m.sfrom = ?2) AND (?3 IS NULL OR m.sto = ?3)" \
	" AND (?4 IS NULL OR m.type = ?4) AND " SAID " BETWEEN ?5 AND ?6"

#endif
