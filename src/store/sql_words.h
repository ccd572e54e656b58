/*
 * Words that the view's tables (sql_schema.c) and the statements on them (sql.c) share.
 */
#ifndef STORE_SQL_WORDS_H
#define STORE_SQL_WORDS_H

/* Conditions of partial indexes: a query uses such an index only if it says the
 * same words. Each index costs whoever opens the view, and each change of a message: so
 * there is one for each of these sets, and what is a small part of one is found there. */
#define UNPUSHED "direction = 0 AND sfrom <> sto AND pushed = 0"
#define NOT_HANDED "direction = 1 AND handed = 0"
#define UNREAD NOT_HANDED " AND read = 0 AND slot = 0 AND session = 0" \
	" AND " NOT_ENDED
#define IN_LINE "due <> 0"
#define TYPED "direction = 0 AND adopted <> 0"
#define UNBROUGHT "direction = 1 AND early <> 0 AND brought = 0"
#define NOT_ENDED "state <> 'COMPLETED' AND state <> 'FAILED'"
/* With a worker, on the way to one, or stuck there. */
#define BUSY "direction = 1 AND (slot <> 0 OR state = 'IN_PROGRESS'" \
	" OR state = 'BLOCKED' OR (handing <> 0 AND handed = 0))"
#define OPEN "direction = 1 AND type = 'task' AND " NOT_ENDED
/* Of a stream whose writer has no trine, and by what its items say. */
#define BY_HAND "seq = 0 AND " OPEN
/* Its body begins with this, which is all of a title that was cut. */
#define SAYS(body, whole) "(" whole " = '' OR" \
	" substr(" body ", 1, length(" whole ")) = " whole ")"
#define FREE "direction = 1 AND state = 'QUEUED' AND handing = 0" \
	" AND handed = 0 AND waits = 0 AND fleet = 0 AND wants = 0" \
	" AND parted = 0"
/* What each command looks for: somebody has it, or it may be at an end. */
#define NOTED OPEN " AND (session <> 0 OR instance IS NOT NULL" \
	" OR waits > 1 OR parted <> 0)"

#define UNCOMMITTED UNPUSHED " AND committed = 0"
#define HANDING BUSY " AND handed = 0 AND handing <> 0"
#define AT_WORK BUSY " AND (slot <> 0 OR state = 'IN_PROGRESS')"
#define QUEUED OPEN " AND handed = 0 AND handing = 0 AND session = 0" \
	" AND state IN ('QUEUED', 'ASSIGNED')"
#define HAD NOTED " AND (session <> 0 OR instance IS NOT NULL)"
/* Where one of the conditions that OR joins is said, that is enough. */
#define BLOCKED "direction = 1 AND state = 'BLOCKED'"
#define TIMED "direction = 1 AND state = 'IN_PROGRESS' AND slot = 0" \
	" AND timeout <> 0"
#define HELD OPEN " AND session <> 0"
#define BARRED OPEN " AND state = 'QUEUED' AND waits > 1"
#define PARTED OPEN " AND parted <> 0"

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
/* What texts have in common if one is the first lines of the other. A long line is the
 * same as far as this; who asks looks at the rest. */
#define BEGINNING(text) "substr(" text ", 1, instr(replace(substr(" text ", 1, 64)," \
	" char(13), char(10)) || char(10), char(10)) - 1)"
#define SAID "CASE m.sent WHEN 0 THEN m.arrived ELSE m.sent END"
#define FILTERED " (?2 IS NULL OR m.sfrom = ?2) AND (?3 IS NULL OR m.sto = ?3)" \
	" AND (?4 IS NULL OR m.type = ?4) AND " SAID " BETWEEN ?5 AND ?6"

#endif
