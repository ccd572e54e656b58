/*
 * All statements on the view's tables (sql_schema.c): used by query.c, which prepares
 * them, under the names of sql.h.
 */
#include "sql.h"

#include "sql_records.h"
#include "sql_words.h"
#include "trine/status.h"
#include "trine/store_alert.h"

const char *const sql_statements[STATEMENT_COUNT] = {
[SQL_BEGIN] = "BEGIN IMMEDIATE",
[SQL_COMMIT] = "COMMIT",
[SQL_ROLLBACK] = "ROLLBACK",

[SQL_POSITION] = "SELECT offset, seq, crc FROM applied",
[SQL_POSITION_SET] =
	"UPDATE applied SET offset = ?1, seq = ?2, crc = ?3",

[SQL_COMPUTER] =
	"SELECT number, name, clone, former, why, since, accepted FROM computer",
[SQL_COMPUTER_SET] =
	"UPDATE computer SET number = ?1, name = ?2, clone = ?3, former = ?4,"
	" why = ?5, since = ?6, accepted = ?7",

/* ---- messages ---- */
[SQL_MESSAGE_ADD] =
	"INSERT INTO message (n, id, direction, sfrom, sto, seq, type, sent, re,"
	" origin, clone, digest, state, note, adopted, arrived, took, message,"
	" body, rank, fleet, parted, early, words) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
	" ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?1, ?17, ?18, ?19, ?20, ?21, ?22, ?23)"
	" ON CONFLICT DO NOTHING",
[SQL_MESSAGE_FOUND] =
	"UPDATE message SET pushed = ?2,"
	" committed = CASE committed WHEN 0 THEN ?2 ELSE committed END"
	" WHERE id = ?1 AND direction = 0 AND pushed = 0",
/* By the computer it was given to: the other end of the result's stream. */
[SQL_TASK_ENDED] =
	"UPDATE message SET state = ?2, due = 0,"
	" stood = CASE WHEN ?3 = 0 AND ?2 <> 'BLOCKED' AND " NOT_ENDED
	"  THEN state ELSE stood END,"
	" session = CASE ?2 WHEN 'BLOCKED' THEN session ELSE 0 END"
	" WHERE id = ?1 AND direction <> ?3"
	" AND type = 'task' AND (?3 = 0 OR sto IN (0, ?4))"
	" AND (?2 <> 'BLOCKED' OR state NOT IN ('COMPLETED', 'FAILED'))",
[SQL_ANSWERS] =
	"SELECT re FROM message WHERE id = ?1 AND direction = 0 AND committed = 0"
	" AND type = 'result' AND re IS NOT NULL",
/* The last of our answers that ended the task of this row. */
#define OUR_ANSWER \
	"(SELECT json_extract(a.message, '$.state') FROM message a" \
	" WHERE a.re = message.id AND a.direction = 0 AND a.type = 'result'" \
	" AND json_extract(a.message, '$.state') IN ('COMPLETED', 'FAILED')" \
	" ORDER BY a.n DESC LIMIT 1)"
[SQL_TASK_ANSWERED] =
	"UPDATE message SET state = " OUR_ANSWER " WHERE id = ?1 AND direction = 1"
	" AND type = 'task' AND state <> " OUR_ANSWER " AND NOT (" NOT_ENDED ")",
/* An instance has it, or had; what a session had is nobody's: what it needed may be
 * somebody else's by now. */
#define STANDS \
	"claimed = 0 AND (stood = 'BLOCKED' OR slot <> 0 OR handing <> 0" \
	" OR handed <> 0 OR parted <> 0)"
[SQL_TASK_REOPENED] =
	"UPDATE message SET stood = '', token = 0, claimed = 0, holder = NULL,"
	" state = CASE WHEN stood = 'BLOCKED' OR (" STANDS ") THEN stood"
	"  ELSE 'QUEUED' END,"
	" note = CASE WHEN stood = 'BLOCKED' AND coalesce(note, '') = ''"
	"  THEN 'its answer was taken back' ELSE note END,"
	" instance = CASE WHEN " STANDS " THEN instance END,"
	" handing = CASE WHEN " STANDS " THEN handing ELSE 0 END,"
	" handed = CASE WHEN " STANDS " THEN handed ELSE 0 END,"
	" started = CASE WHEN " STANDS " THEN started ELSE 0 END,"
	" attempt = attempt - (attempt > 0 AND claimed <> 0)"
	" WHERE id = ?1 AND direction = 1 AND stood <> '' AND " OUR_ANSWER " IS NULL",
[SQL_MESSAGE_REMOVE] =
	"DELETE FROM message WHERE id = ?1 AND direction = 0 AND committed = 0",
[SQL_MESSAGE_RENUMBER] =
	"UPDATE message SET id = ?2, seq = ?3, took = ?4,"
	" early = CASE WHEN ?1 = ?2 THEN early ELSE 0 END,"
	" origin = CASE WHEN ?5 IS NULL THEN origin ELSE nullif(?5, '') END,"
	" message = CASE WHEN ?5 IS NULL THEN message WHEN ?5 = ''"
	"  THEN json_remove(message, '$.origin')"
	"  ELSE json_set(message, '$.origin', ?5) END"
	" WHERE id = ?1 AND direction = 0 AND committed = 0"
	" AND (?1 = ?2 OR NOT EXISTS (SELECT 1 FROM message WHERE id = ?2))",
[SQL_MESSAGE_RE] =
	"UPDATE message SET re = ?2 WHERE re = ?1 AND direction = 0"
	" AND committed = 0",
[SQL_EARLY_OFFERED] =
	"UPDATE message SET early = ?2 WHERE id = ?1 AND direction = 0"
	" AND early = 0",
[SQL_EARLY_BROUGHT] =
	"UPDATE message SET brought = ?2 WHERE id = ?1 AND " UNBROUGHT,
/* No answer that is taken back opens it any more. */
[SQL_EARLY_NOTED] =
	"UPDATE message SET note = ?2, stood = '' WHERE id = ?1 AND direction = 1",
/* What nobody has begun, and nobody begins now. */
[SQL_EARLY_ENDED] =
	"UPDATE message SET state = 'FAILED', ended = ?2, due = 0, session = 0"
	" WHERE id = ?1 AND type = 'task' AND handing = 0 AND handed = 0"
	" AND slot = 0 AND started = 0 AND " NOT_ENDED,
[SQL_EARLY] =
	"SELECT digest FROM message WHERE id = ?1 AND " UNBROUGHT,
[SQL_EARLY_WAITING] =
	"SELECT id FROM message INDEXED BY message_early"
	" WHERE sfrom = ?1 AND sto = ?2 AND " UNBROUGHT " ORDER BY seq",
[SQL_EARLY_HIGHEST] =
	"SELECT max(seq) FROM message INDEXED BY message_early"
	" WHERE sfrom = ?1 AND sto = ?2 AND " UNBROUGHT,
[SQL_EARLY_COUNT] =
	"SELECT count(*) FROM message INDEXED BY message_early"
	" WHERE sfrom = ?1 AND " UNBROUGHT,
[SQL_MESSAGE_DIGEST] = "UPDATE message SET digest = ?2 WHERE id = ?1",
[SQL_MESSAGE_KNOWN] =
	"SELECT direction, committed, pushed, digest, seq, sfrom, sto,"
	" read, handed FROM message WHERE id = ?1",
/* A message that somebody has read is nobody else's to take; a task is. */
[SQL_MESSAGE_READ] =
	"UPDATE message SET read = ?2,"
	" due = CASE type WHEN 'task' THEN due ELSE 0 END"
	" WHERE id = ?1 AND read = 0",
[SQL_MESSAGE_HANDING] =
	"UPDATE message SET handing = ?2, handed = 0, instance = ?3, copy = 0,"
	" attempt = attempt + 1 WHERE id = ?1",
[SQL_MESSAGE_HANDED] =
	"UPDATE message SET handed = ?2, instance = ?3, slot = 0, due = 0,"
	" state = CASE WHEN state IN ('QUEUED', 'ASSIGNED', 'IN_PROGRESS')"
	"  THEN coalesce(?4, 'ASSIGNED') ELSE state END WHERE id = ?1",
[SQL_MESSAGE_ASSIGNED] =
	"UPDATE message SET instance = ?2, due = ?3, handing = 0,"
	" state = CASE state WHEN 'QUEUED' THEN 'ASSIGNED' ELSE state END"
	" WHERE id = ?1",
[SQL_MESSAGE_RELEASED] =
	"UPDATE message SET instance = NULL, due = 0, slot = 0, handing = 0,"
	" session = 0, token = 0, claimed = 0, started = 0, holder = NULL,"
	" handed = 0, note = '',"
	/* who gave it back has not tried it */
	" attempt = attempt - (attempt > 0 AND session <> 0),"
	" state = CASE WHEN state IN ('ASSIGNED',"
	"  'IN_PROGRESS', 'BLOCKED') THEN 'QUEUED' ELSE state END WHERE id = ?1",
[SQL_MESSAGE_BEGUN] =
	"UPDATE message SET handing = ?2, handed = 0, instance = ?3,"
	" attempt = ?4, slot = ?5, copy = ?6, due = 0, note = '',"
	" state = CASE state WHEN 'ASSIGNED' THEN 'IN_PROGRESS' ELSE state END"
	" WHERE id = ?1",
[SQL_MESSAGE_DEFERRED] =
	"UPDATE message SET handing = 0, slot = 0, due = ?2, note = ?3,"
	" state = CASE state WHEN 'IN_PROGRESS' THEN 'ASSIGNED' ELSE state END"
	" WHERE id = ?1",
/* It may have been done: nobody takes it again before somebody decides. If an answer
 * ended it meanwhile, it is so once that is taken back. */
#define DOUBTED "stood = CASE stood WHEN '' THEN '' ELSE 'BLOCKED' END"
[SQL_MESSAGE_BLOCKED] =
	"UPDATE message SET handing = 0, handed = 0, slot = 0, due = 0, note = ?2,"
	" " DOUBTED ", state = CASE WHEN state IN ('QUEUED', 'ASSIGNED', 'IN_PROGRESS')"
	"  THEN 'BLOCKED' ELSE state END WHERE id = ?1",
[SQL_MESSAGE_WORKED] =
	"UPDATE message SET slot = 0, due = 0, handed = ?2, " DOUBTED
	" WHERE id = ?1",
[SQL_REWORDED_ADD] =
	"INSERT INTO reworded SELECT ?1, n FROM message WHERE id = ?2",
[SQL_REWORDED_ALL] = "INSERT INTO reworded VALUES (?1, 0)",
/* Its title, body and hints, while nobody has ended it. */
[SQL_MESSAGE_AMEND] =
	"UPDATE message SET message = ?2, digest = ?3, body = ?4,"
	" rank = ?5 WHERE id = ?1"
	" AND direction = 1 AND state NOT IN ('COMPLETED', 'FAILED')",
[SQL_MESSAGE_END] =
	"UPDATE message SET state = ?2, note = ?3, due = 0, session = 0,"
	" ended = ?4, result = ?5 WHERE id = ?1"
	" AND state NOT IN ('COMPLETED', 'FAILED')",
[SQL_DEPENDENCY_ADD] =
	"INSERT INTO dependency VALUES (?1, ?2) ON CONFLICT DO NOTHING",
[SQL_DEPENDENCY_RENUMBER] =
	"UPDATE OR REPLACE dependency SET other = ?2 WHERE other = ?1",
[SQL_TASK_CONCERNS] =
	"SELECT EXISTS (SELECT 1 FROM dependency WHERE other = ?1)"
	" OR EXISTS (SELECT 1 FROM lock WHERE task = ?1)",
[SQL_WAITS_NO_MORE] =
	"UPDATE message SET waits = " WAITS("message.id") " WHERE waits = 1"
	" AND id IN (SELECT task FROM dependency WHERE other = ?1)",
/* What nobody has begun. */
[SQL_WAITS_AGAIN] =
	"UPDATE message SET waits = " WAITS("message.id") " WHERE waits IN (0, 2)"
	" AND state = 'QUEUED' AND handing = 0 AND handed = 0"
	" AND id IN (SELECT task FROM dependency WHERE other = ?1)",
[SQL_LOCKS_GIVEN_BACK] =
	"DELETE FROM lock WHERE task = ?1 AND EXISTS"
	" (SELECT 1 FROM message m WHERE m.id = ?1 AND NOT (" HOLDS("m") "))",
[SQL_DEPENDENCIES] =
	"SELECT d.other, coalesce(m.state, ''), coalesce(m.note, ''), m.id IS NULL"
	" FROM dependency d LEFT JOIN message m ON m.id = d.other"
	" WHERE d.task = ?1",
[SQL_WAY] =
	"WITH RECURSIVE way (id, path) AS (SELECT ?1, ?1 UNION"
	" SELECT d.other, path || ' after ' || d.other FROM way"
	" JOIN dependency d ON d.task = way.id WHERE way.id <> ?2 LIMIT 10000)"
	" SELECT path FROM way WHERE id = ?2 LIMIT 1",
/* Does it close a circle? Not if nobody waits for it already. */
[SQL_TASK_WAITS] =
	"UPDATE message SET waits = CASE WHEN ?2 THEN 4"
	" WHEN EXISTS (SELECT 1 FROM dependency WHERE other = ?1) AND ?1 IN"
	"  (WITH RECURSIVE way (id) AS (SELECT other FROM dependency"
	"   WHERE task = ?1 UNION SELECT d.other FROM way JOIN dependency d"
	"   ON d.task = way.id) SELECT id FROM way) THEN 3"
	" ELSE " WAITS("?1") " END, timeout = ?3, wants = ?4 WHERE id = ?1",
[SQL_TASK_CLAIMED] =
	"UPDATE message SET state = 'ASSIGNED', session = ?2, token = ?3,"
	" claimed = ?4, holder = ?5, started = 0, note = '',"
	" attempt = attempt + 1 WHERE id = ?1",
[SQL_TASK_AUTHOR] = "UPDATE message SET author = ?2 WHERE id = ?1",
/* Each session counts once. */
[SQL_TASK_APPROVED] =
	"UPDATE message SET wants = wants - 1 WHERE id = ?1 AND wants > 0"
	" AND NOT EXISTS (SELECT 1 FROM approval WHERE task = ?1 AND session = ?2)",
[SQL_APPROVAL_ADD] =
	"INSERT INTO approval VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
[SQL_APPROVALS] =
	"SELECT session, who FROM approval WHERE task = ?1 ORDER BY session",
[SQL_WAITING] =
	"SELECT count(*) FROM (SELECT 1 FROM message m WHERE " QUEUED
	" AND (?2 IS NULL OR instance = ?2"
	"  OR json_extract(message, '$.for') = ?2) LIMIT ?1)",
[SQL_TASK_PASSED] = "UPDATE message SET passed = passed + 1 WHERE id = ?1",
[SQL_TASK_AGAIN] =
	"UPDATE message SET state = 'QUEUED', instance = NULL, due = 0, slot = 0,"
	" handing = 0, handed = 0, session = 0, token = 0, claimed = 0,"
	" started = 0, holder = NULL, note = ?2, rests = ?3 WHERE id = ?1"
	" AND state NOT IN ('COMPLETED', 'FAILED')",
[SQL_TASK_STARTED] =
	"UPDATE message SET state = 'IN_PROGRESS', note = '',"
	" started = CASE started WHEN 0 THEN ?2 ELSE started END WHERE id = ?1",
[SQL_TASK_NOTE] = "UPDATE message SET note = ?2 WHERE id = ?1",
[SQL_TASK_STUCK] =
	"UPDATE message SET state = 'BLOCKED', note = ?2 WHERE id = ?1",
[SQL_HIGHEST] =
	"SELECT coalesce(max(seq), 0) FROM message WHERE sfrom = ?1 AND sto = ?2",
[SQL_MOMENT_ADD] = "INSERT INTO moment VALUES (?1, ?2, ?3, ?4, ?5)",

[SQL_MESSAGES_COMMITTED] =
	"UPDATE message SET committed = ?1 WHERE " UNCOMMITTED,
/* A commit holds all that had its number before it was made. */
[SQL_MESSAGES_PUSHED] =
	"UPDATE message SET pushed = ?1,"
	" committed = CASE committed WHEN 0 THEN ?1 ELSE committed END"
	" WHERE " UNPUSHED " AND took < ?2",
[SQL_MESSAGES_UNCOMMITTED] =
	"UPDATE message SET committed = 0 WHERE " UNPUSHED
	" AND committed <> 0 AND took >"
	" (SELECT coalesce(max(place), 0) FROM own_commit WHERE state = 0)",

/* A + keeps SQLite from walking all messages in order instead. */
[SQL_RECORD_ID] = RECORDS " WHERE id = ?1",
[SQL_RECORD_PLAIN] = TASKS " WHERE id = ?1",
[SQL_RECORDS_UNCOMMITTED] = RECORDS " WHERE " UNCOMMITTED IN_ORDER,
[SQL_RECORDS_HANDING] = RECORDS " WHERE " HANDING IN_ORDER,
[SQL_RECORDS_QUEUED] = RECORDS
	" WHERE " QUEUED " ORDER BY +sfrom, sto, seq, n",
[SQL_RECORDS_UNREAD] = RECORDS " WHERE " UNREAD IN_ORDER,
[SQL_RECORDS_AT_WORK] = RECORDS " WHERE " AT_WORK IN_ORDER,
[SQL_RECORDS_BLOCKED] = RECORDS " WHERE " BLOCKED IN_ORDER,
[SQL_RECORDS_OPEN] = RECORDS " WHERE " OPEN " ORDER BY rank, n",
[SQL_RECORDS_HAD] = TASKS " WHERE " HAD " ORDER BY rank, n",
[SQL_RECORDS_FREE] = TASKS " WHERE " FREE " AND rank = ?1"
	" AND (rests <= ?2 OR rests > ?2 + 1000) ORDER BY n",
#define OVERDUE TIMED \
	" AND CASE started WHEN 0 THEN handing ELSE started END + timeout <= ?1"
[SQL_RECORDS_OVERDUE] = TASKS " WHERE " OVERDUE " ORDER BY +n",
[SQL_UNSWEPT] =
	"SELECT EXISTS (SELECT 1 FROM message m WHERE " OVERDUE ")"
	" OR EXISTS (SELECT 1 FROM message m WHERE " NOTED
	"  AND (parted <> 0 OR (state = 'QUEUED' AND waits > 1)))",
[SQL_RECORDS_BARRED] = TASKS " WHERE " BARRED " ORDER BY +n",
[SQL_TASK_PARTED] =
	"UPDATE message SET state = 'IN_PROGRESS', note = '',"
	" started = CASE started WHEN 0 THEN ?2 ELSE started END WHERE id = ?1"
	" AND state NOT IN ('COMPLETED', 'FAILED')",
[SQL_PART_ADD] = "INSERT OR REPLACE INTO part VALUES (?1, ?2, ?3, ?4)",
[SQL_PART_RENUMBER] = "UPDATE part SET id = ?2 WHERE id = ?1",
[SQL_PARTS] =
	"SELECT kind, step, id FROM part WHERE task = ?1 ORDER BY kind, step",
[SQL_RECORDS_PARTED] = RECORDS " WHERE " PARTED " ORDER BY +n",
[SQL_RECORDS_HELD] = TASKS " WHERE session = ?1 AND " HELD " ORDER BY +n",
/* Pauses are shorter (task_pause): one that ends later is of a clock that was wrong
 * then, and is over. */
[SQL_RECORD_NEXT] = RECORDS " WHERE instance = ?1 AND " IN_LINE
	" AND rank = ?3 AND (due <= ?2 OR due > ?2 + 1000) ORDER BY n",
[SQL_LINE] =
	"SELECT count(*), coalesce(min(due), 0), (SELECT count(*) FROM message"
	" WHERE instance = ?1 AND " AT_WORK ") FROM message"
	" WHERE instance = ?1 AND " IN_LINE,
[SQL_CONTACT] =
	"SELECT coalesce(max(time), 0) FROM moment WHERE instance = ?1"
	" AND event IN ('started', 'handed')",
[SQL_LINES] =
	"SELECT count(*), coalesce(min(due), 0), (SELECT count(*) FROM message"
	" WHERE " AT_WORK ") FROM message WHERE " IN_LINE,
[SQL_RECORDS_STREAM] = RECORDS
	" WHERE sfrom = ?1 AND sto = ?2 AND seq BETWEEN ?3 AND ?4" IN_ORDER,
[SQL_RECORDS_SINCE] = RECORDS
	" WHERE arrived >= ?1 ORDER BY +sfrom, sto, seq, n",
[SQL_RECORDS_ALL] = RECORDS IN_ORDER,
[SQL_RECORDS_RE] = RECORDS
	" WHERE re = ?1 AND direction = 0 AND committed = 0 ORDER BY n",
[SQL_RECORDS_ANSWERING] = RECORDS " WHERE re = ?1" IN_ORDER,
[SQL_RECORDS_ORIGIN] = RECORDS " WHERE origin = ?1" IN_ORDER,
[SQL_RECORDS_TYPED] = TASKS
	" WHERE sfrom = ?1 AND sto = ?2 AND seq BETWEEN ?3 AND ?4 AND " TYPED
	" AND " BEGINNING("body") " = " BEGINNING("?6") IN_ORDER,
/* Whenever it was sent, or then. */
[SQL_SAID] =
	"SELECT id FROM message WHERE sfrom = ?1 AND sto = ?2 AND words = ?3"
	" AND seq BETWEEN ?4 AND ?5 AND (?6 OR sent = ?7)"
	" ORDER BY seq, n LIMIT 1",
[SQL_SAID_ANEW] =
	"SELECT id FROM message INDEXED BY message_origin"
	" WHERE origin = ?1 AND words = ?2 AND sent = ?3 AND sfrom = ?4"
	" AND id <> ?1" IN_ORDER " LIMIT 1",

[SQL_SEARCH_ALL] =
	"SELECT m.id, " TITLE("m") ", substr(" BODY("m") ", 1, 400)"
	" FROM message m WHERE ?1 = '' AND" FILTERED
	" ORDER BY " SAID " DESC, m.n DESC LIMIT ?7",

/* The first line says when it came to be; the others follow by our clock. */
[SQL_HISTORY] =
	"WITH m AS (SELECT * FROM message WHERE id = ?1) SELECT * FROM ("
	"SELECT 0 AS rank, 'sent' AS event,"
	" CASE direction WHEN 0 THEN arrived ELSE sent END AS time,"
	" CASE direction WHEN 0 THEN 0 ELSE max(sfrom, 0) END AS computer,"
	" NULL AS instance FROM m WHERE direction = 0"
	"  OR (sent <> 0 AND sfrom <> sto) "
	"UNION ALL SELECT 1, 'committed', committed, 0, NULL FROM m"
	" WHERE direction = 0 AND committed <> 0 "
	"UNION ALL SELECT 2, 'pushed', pushed, 0, NULL FROM m"
	" WHERE direction = 0 AND pushed <> 0 "
	"UNION ALL SELECT 0.5, 'early', early, 0, NULL FROM m WHERE early <> 0 "
	"UNION ALL SELECT 3, CASE sfrom WHEN sto THEN 'added' ELSE 'received' END,"
	" CASE early WHEN 0 THEN arrived ELSE brought END, 0, NULL FROM m"
	" WHERE direction = 1 AND (early = 0 OR brought <> 0) "
	"UNION ALL SELECT 3, 'imported', arrived, 0, NULL FROM m"
	" WHERE direction = 2 "
	"UNION ALL SELECT 3, 'received', confirmed, computer, NULL FROM"
	" (SELECT q.computer, " CONFIRMED("q.computer") " AS confirmed"
	"  FROM m JOIN peer_received q ON q.sfrom = m.sfrom AND q.sto = m.sto"
	"  WHERE m.direction = 0) WHERE confirmed IS NOT NULL "
	"UNION ALL SELECT 4, CASE c.why WHEN 'missing' THEN 'missing'"
	" ELSE 'rejected' END, c.since, c.computer, NULL"
	" FROM m JOIN complaint c ON c.id = m.id"
	" WHERE m.direction = 0 AND c.over = 0 "
	"UNION ALL SELECT 5, o.event, o.time, 0, o.instance"
	" FROM m JOIN moment o ON o.id = m.id "
	"UNION ALL SELECT 5, 'started', began, computer, instance FROM (SELECT"
	"  CAST(strftime('%s', json_extract(b.message, '$.started')) AS INTEGER)"
	"  AS began, b.sfrom AS computer,"
	"  json_extract(b.message, '$.from') AS instance"
	"  FROM m JOIN message b ON b.re = m.id AND b.direction = 1"
	"  WHERE m.direction = 0 AND b.type = 'result') WHERE began > 0 "
	"UNION ALL SELECT 6, 'answered', a.arrived,"
	" CASE a.direction WHEN 0 THEN 0 ELSE max(a.sfrom, 0) END, NULL FROM"
	" (SELECT b.* FROM m JOIN message b ON b.re = m.id"
	"  AND b.direction = 1 - m.direction ORDER BY b.n LIMIT 1) a "
	") ORDER BY rank > 0, time, rank, computer",

/* ---- sessions ---- */
[SQL_SESSION_ADD] =
	"INSERT INTO session (id, number, name, role, goal, doing, pid, born, boot,"
	" parent, terminal, folder, since) VALUES (?1, ?2, ?3, ?4, ?5, '', ?6, ?7,"
	" ?8, ?9, ?10, ?11, ?12) ON CONFLICT DO NOTHING",
[SQL_SESSION_ADOPT] =
	"UPDATE session SET pid = ?2, born = ?3, boot = ?4, parent = ?5,"
	" terminal = ?6, folder = ?7 WHERE id = ?1 AND ended = 0",
[SQL_SESSION_DOING] = "UPDATE session SET doing = ?2 WHERE id = ?1",
[SQL_SESSION_END] =
	"UPDATE session SET ended = ?2, why = ?3 WHERE id = ?1 AND ended = 0",
#define SESSIONS "SELECT id, number, name, role, goal, doing, pid, born, boot," \
	" parent, terminal, folder, since, ended, why FROM session"
[SQL_SESSIONS] = SESSIONS " WHERE ended = 0 ORDER BY number, id",
[SQL_SESSIONS_ALL] = SESSIONS " ORDER BY number, id",

/* ---- locks ---- */
[SQL_LOCK_SET] =
	"INSERT OR REPLACE INTO lock"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, NULL)",
[SQL_LOCK_SET_TASK] =
	"INSERT OR REPLACE INTO lock"
	" VALUES (?1, ?2, ?3, ?4, 0, 0, '', ?5, 0, 0, ?6)",
[SQL_LOCK_RENEW] =
	"UPDATE lock SET until = ?3 WHERE name = ?1 AND token = ?2",
[SQL_LOCK_REMOVE] = "DELETE FROM lock WHERE name = ?1 AND token = ?2",
#define LOCKS "SELECT name, token, session, holder, pid, born, boot, since," \
	" until, ttl, task FROM lock"
[SQL_LOCK] = LOCKS " WHERE name = ?1",
[SQL_LOCKS] = LOCKS " ORDER BY name",
[SQL_STANDING] =
	"SELECT EXISTS (SELECT 1 FROM lock), EXISTS (SELECT 1 FROM reservation),"
	" EXISTS (SELECT 1 FROM claim) OR EXISTS (SELECT 1 FROM rival),"
	" EXISTS (SELECT 1 FROM alert WHERE cleared = 0)",
[SQL_WAIT_SET] =
	"INSERT OR REPLACE INTO lock_wait VALUES (?1, ?2, ?3, ?4, ?5)",
[SQL_WAIT_REMOVE] = "DELETE FROM lock_wait WHERE session = ?1",
[SQL_WAIT] = "SELECT name, pid, born, boot FROM lock_wait WHERE session = ?1",

/* ---- claims in the whole fleet ---- */
#define CLAIMS "SELECT name, generation, beat, lease, by, session, pid, born, boot," \
	" since," \
	" CASE (SELECT c.state FROM own_commit c WHERE c.oid = claim.oid)" \
	" WHEN 0 THEN oid WHEN 1 THEN oid ELSE '' END," \
	" asked, asked_boot, held, from_ms, from_boot, passed, passed_by FROM claim"
[SQL_CLAIM_SET] =
	"INSERT OR REPLACE INTO claim (name, lease, by, session, pid, born, boot,"
	" since) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
[SQL_CLAIM_OFFERED] =
	"UPDATE claim SET generation = ?2, beat = ?3, oid = ?4, asked = ?5,"
	" asked_boot = ?6 WHERE name = ?1",
[SQL_CLAIM_HELD] =
	"UPDATE claim SET held = generation, from_ms = asked, from_boot = asked_boot,"
	" oid = '' WHERE name = ?1",
[SQL_CLAIM_REMOVE] = "DELETE FROM claim WHERE name = ?1",
[SQL_CLAIM_VOID] =
	"UPDATE claim SET generation = 0, beat = 0, oid = '', held = 0"
	" WHERE name = ?1",
[SQL_CLAIMS_VOID] =
	"UPDATE claim SET generation = 0, beat = 0, oid = '', held = 0"
	" WHERE (SELECT clone FROM computer) <> ?1",
[SQL_CLAIM_PASSED] =
	"UPDATE claim SET passed = ?2, passed_by = ?3 WHERE name = ?1 AND passed < ?2",
[SQL_CLAIM] = CLAIMS " WHERE name = ?1",
[SQL_CLAIMS] = CLAIMS " ORDER BY name",
[SQL_CLAIMS_SEEN] = CLAIMS " WHERE oid <> '' AND"
	" (SELECT c.state FROM own_commit c WHERE c.oid = claim.oid) = 1"
	" ORDER BY name",
[SQL_GENERATION_SEEN] =
	"UPDATE generation SET seen = max(seen, ?1) WHERE ?1 < seen + ?2",
[SQL_GENERATION_TAKEN] =
	"UPDATE generation SET seen = max(seen, ?1), taken = max(taken, ?1)"
	" WHERE ?1 < seen + ?2",
[SQL_GENERATIONS] = "SELECT seen, taken FROM generation",
[SQL_RIVAL_SET] =
	"INSERT INTO rival VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
	" ON CONFLICT DO UPDATE SET listed = ?9, lease = ?5, by = ?6,"
	" seen = iif(generation = ?3 AND beat = ?4, seen, ?7),"
	" boot = iif(generation = ?3 AND beat = ?4, boot, ?8),"
	" generation = ?3, beat = ?4",
[SQL_RIVALS_GONE] = "DELETE FROM rival WHERE computer = ?1 AND listed < ?2",
[SQL_RIVALS] =
	"SELECT computer, name, generation, beat, lease, by, seen, boot FROM rival"
	" ORDER BY name, computer",

/* ---- alerts ---- */
/* What ends it may have come first: streams are read one after the other. */
[SQL_ALERT_ADD] =
	"INSERT OR IGNORE INTO alert (id, n, computer, own, who, text, since, told,"
	" handed, cleared, cleared_on, cleared_by, why)"
	" SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, coalesce(m.arrived, 0),"
	" coalesce(m.sfrom, 0), json_extract(m.message, '$.from'),"
	" json_extract(m.message, '$.title')"
	" FROM (SELECT 1) LEFT JOIN message m ON m.re = ?1 AND m.type = 'alert'"
	" AND m.sto = 0 AND m.direction <> 2"
	" AND json_extract(m.message, '$.state') = '" ALERT_CLEARED "'"
	" ORDER BY m.n LIMIT 1",
/* One that is open goes on, and was handed on. */
[SQL_ALERT_RAISE] =
	"INSERT INTO alert (id, n, computer, own, text, since) VALUES"
	" (?1, ?2, 0, 0, ?3, ?4) ON CONFLICT (id) DO UPDATE SET text = ?3,"
	" n = CASE cleared WHEN 0 THEN n ELSE ?2 END,"
	" since = CASE cleared WHEN 0 THEN since ELSE ?4 END,"
	" told = CASE cleared WHEN 0 THEN told ELSE 0 END,"
	" tries = CASE cleared WHEN 0 THEN tries ELSE 0 END,"
	" handed = CASE cleared WHEN 0 THEN handed ELSE 0 END,"
	" note = CASE cleared WHEN 0 THEN note ELSE '' END,"
	" cleared = 0, cleared_by = NULL, why = NULL",
[SQL_ALERT_OVER] =
	"UPDATE alert SET cleared = ?2, cleared_on = ?3, cleared_by = ?4, why = ?5"
	" WHERE id = ?1 AND cleared = 0",
[SQL_ALERT_RENUMBER] = "UPDATE OR IGNORE alert SET id = ?2 WHERE id = ?1",
[SQL_ALERT_REMOVE] = "DELETE FROM alert WHERE id = ?1 AND own <> 0",
[SQL_ALERT_TOLD] = "UPDATE alert SET told = ?2 WHERE id = ?1",
[SQL_ALERT_HANDING] = "UPDATE alert SET tries = ?2, note = '' WHERE id = ?1",
[SQL_ALERT_HANDED] = "UPDATE alert SET handed = ?2, note = ?3 WHERE id = ?1",
#define ALERTS(more) \
	"SELECT id, computer, own, who, text, since, told, tries, handed, note," \
	" cleared, cleared_on, cleared_by, why, " more
[SQL_ALERTS] =
	ALERTS("CASE place WHEN ?1 THEN total - ?1 ELSE 0 END") " FROM (SELECT *,"
	" row_number() OVER (PARTITION BY computer ORDER BY n) AS place,"
	" count(*) OVER (PARTITION BY computer) AS total FROM alert"
	" WHERE cleared = 0) WHERE place <= ?1 ORDER BY n",
[SQL_ALERTS_ALL] = ALERTS("0") " FROM alert ORDER BY n DESC LIMIT 1000",
[SQL_ALERT] = ALERTS("0") " FROM alert WHERE id = ?1",
[SQL_EMERGENCY] = "SELECT 1 FROM alert WHERE cleared = 0 AND own <> 0",

/* ---- values ---- */
[SQL_VALUE_SET] = "INSERT OR REPLACE INTO value VALUES (?1, ?2, ?3, ?4, ?5)",
[SQL_VALUE_REMOVE] = "DELETE FROM value WHERE key = ?1",
#define VALUES "SELECT key, value, generation, by, since FROM value"
[SQL_VALUE] = VALUES " WHERE key = ?1",
[SQL_VALUES] = VALUES " ORDER BY key",

/* ---- instances ---- */
[SQL_INSTANCE_WISH_SET] =
	"INSERT OR REPLACE INTO instance_wish VALUES (?1, ?2, ?3, ?4)",
[SQL_INSTANCE_WISHES] =
	"SELECT name, want, n, time FROM instance_wish ORDER BY name",
[SQL_INSTANCE_SET] =
	"INSERT OR REPLACE INTO instance"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
#define INSTANCES "SELECT name, copy, state, given_up, pid, born, boot, since," \
	" reason FROM instance"
[SQL_INSTANCE] = INSTANCES " WHERE name = ?1 AND copy = ?2",
[SQL_INSTANCES] = INSTANCES " ORDER BY name, copy",

/* ---- reservations ---- */
[SQL_RESERVE] =
	"INSERT OR REPLACE INTO reservation"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
[SQL_UNRESERVE] = "DELETE FROM reservation WHERE id = ?1",
[SQL_RESERVATIONS] =
	"SELECT id, base, globs, shared, session, holder, why, since, until"
	" FROM reservation ORDER BY id",

/* ---- streams ---- */
[SQL_TROUBLE_SET] =
	"INSERT INTO trouble VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
	" ON CONFLICT (id) DO UPDATE SET n = excluded.n, why = excluded.why",
[SQL_TROUBLE_OVER] = "DELETE FROM trouble WHERE id = ?1",
[SQL_TROUBLE_MENDED] =
	"DELETE FROM trouble WHERE id = ?1 AND sfrom = ?2 AND why = ?3",
[SQL_TROUBLE] = "SELECT coalesce(why, '') FROM trouble WHERE id = ?1",
/* The newest of each stream first, then the one before of each. The rest of a stream
 * is one row, without an id. */
#define TROUBLES(which, most) \
	"SELECT iif(turn > " most ", NULL, id) AS shown, sfrom, sto, seq, why," \
	" count(*) AS rows FROM (SELECT *," \
	" row_number() OVER (ORDER BY place, n DESC) AS turn FROM (SELECT *," \
	"  row_number() OVER (PARTITION BY sfrom, sto ORDER BY n DESC) AS place" \
	"  FROM trouble WHERE why " which ")) GROUP BY sfrom, sto, shown"
[SQL_TROUBLES] =
	"SELECT shown, sfrom, sto, seq, why, rows FROM (SELECT * FROM ("
	TROUBLES("IS NULL", "?1") ") UNION ALL SELECT * FROM ("
	TROUBLES("IS NOT NULL", "?2") ")) ORDER BY sfrom, sto, seq, shown",
[SQL_NUMBER] =
	"SELECT digest, clone, " UNBROUGHT " FROM message WHERE id = ?1",
[SQL_REPEATED_ADD] =
	"INSERT INTO repeated VALUES (?1, ?2) ON CONFLICT DO NOTHING",
[SQL_REPEATED] = "SELECT 1 FROM repeated WHERE id = ?1 AND digest = ?2",
[SQL_NUMBER_TROUBLE] =
	"SELECT max(why IS NOT NULL) FROM trouble"
	" WHERE sfrom = ?1 AND sto = ?2 AND seq = ?3 HAVING count(*) > 0",
[SQL_REUSED] =
	"SELECT 1 FROM trouble WHERE id = ?1 AND why LIKE '" STATUS_REUSED "%'"
	" UNION ALL SELECT 1 FROM message WHERE origin = ?1 AND direction = 1"
	" LIMIT 1",
[SQL_IN_STREAM] =
	"SELECT clone, upto, blob FROM in_stream WHERE sfrom = ?1 AND sto = ?2",
[SQL_IN_STREAM_SET] =
	"INSERT INTO in_stream VALUES (?1, ?2, ?3, ?4, ?5)"
	" ON CONFLICT (sfrom, sto) DO UPDATE SET blob = excluded.blob,"
	" upto = CASE clone WHEN excluded.clone"
	"  THEN max(upto, excluded.upto) ELSE excluded.upto END,"
	" clone = excluded.clone",
[SQL_IN_STREAMS] =
	"SELECT sfrom, sto, clone, upto, blob FROM in_stream"
	" ORDER BY sfrom, sto",
[SQL_HAND_LINE] =
	"SELECT most, oid FROM hand_line"
	" WHERE sfrom = ?1 AND sto = ?2 AND digest = ?3",
[SQL_HAND_LINE_SET] =
	"INSERT INTO hand_line VALUES (?1, ?2, ?3, ?4, ?5)"
	" ON CONFLICT DO UPDATE SET most = max(most, excluded.most),"
	" oid = excluded.oid",
[SQL_HAND_STREAM_SET] =
	"INSERT INTO hand_stream VALUES (?1, ?2, ?3)"
	" ON CONFLICT DO UPDATE SET mark = excluded.mark",
[SQL_HAND_MARK] = "SELECT mark FROM hand_stream WHERE sfrom = ?1 AND sto = ?2",
[SQL_HAND_STREAMS] =
	"SELECT sfrom, sto, mark FROM hand_stream ORDER BY sfrom, sto",
/* The newest, by its title, or by the one that a later message about it has. One
 * line may have been said, and ticked, any number of times. */
[SQL_HAND_TASK] =
	"SELECT id, handing <> 0 OR handed <> 0 OR attempt <> 0"
	" OR (state NOT IN ('QUEUED', 'ASSIGNED') AND note <> 'in doubt')"
	" FROM message WHERE n = (SELECT max(n) FROM (SELECT * FROM (SELECT n"
	"  FROM message WHERE sfrom = ?1 AND sto = ?2"
	"  AND json_extract(message, '$.title') = ?3 AND " BY_HAND
	"  AND " SAYS("body", "?4")
	"  ORDER BY n DESC LIMIT 1) UNION ALL SELECT t.n FROM message m"
	"  JOIN message t ON t.id = m.re WHERE m.sfrom = ?1 AND m.sto = ?2"
	"  AND m.seq = 0 AND json_extract(m.message, '$.title') = ?3"
	"  AND " SAYS("m.body", "?4")
	"  AND m.re IS NOT NULL AND m.type <> 'task' AND t.type = 'task'"
	"  AND t.direction = 1 AND t.state NOT IN ('COMPLETED', 'FAILED')))",
[SQL_HAND_TITLE] =
	"SELECT 1 FROM message WHERE sfrom = ?1 AND sto = ?2 AND seq = 0"
	" AND json_extract(message, '$.title') = ?3"
	" AND " SAYS("body", "?4") " LIMIT 1",
[SQL_OUT_STREAM_ADD] =
	"INSERT INTO out_stream (sfrom, sto) VALUES (?1, ?2)"
	" ON CONFLICT DO NOTHING",
[SQL_PREAMBLE_SET] =
	"UPDATE out_stream SET preamble = ?3 WHERE sfrom = ?1 AND sto = ?2",
[SQL_CLOSED_SET] =
	"UPDATE out_stream SET closed = ?3, open_first = ?4"
	" WHERE sfrom = ?1 AND sto = ?2",
[SQL_FLOOR_SET] =
	"UPDATE out_stream SET floor = max(floor, ?3)"
	" WHERE sfrom = ?1 AND sto = ?2",
/* Looks from the end, so at what is new only; messages to ourselves are never
 * committed. */
#define HIGHEST(condition) \
	"coalesce((SELECT m.seq FROM message m WHERE m.sfrom = o.sfrom" \
	" AND m.sto = o.sto AND m.direction = 0" condition \
	" ORDER BY m.seq DESC LIMIT 1), 0)"
[SQL_OUT_STREAMS] =
	"SELECT sfrom, sto, max(floor, " HIGHEST("") "),"
	" CASE WHEN sfrom <> sto THEN " HIGHEST(" AND m.committed <> 0") " END,"
	" CASE WHEN sfrom <> sto THEN " HIGHEST(" AND m.pushed <> 0") " END,"
	" closed, open_first, preamble, floor FROM out_stream o"
	" ORDER BY sfrom, sto",
[SQL_SEGMENT_ADD] =
	"INSERT OR REPLACE INTO segment VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
[SQL_SEGMENTS_REMOVE] = "DELETE FROM segment WHERE sfrom = ?1 AND sto = ?2",
[SQL_SEGMENT] =
	"SELECT blob FROM segment WHERE sfrom = ?1 AND sto = ?2 AND number = ?3",
[SQL_SEGMENTS] =
	"SELECT number, first, last, blob FROM segment"
	" WHERE sfrom = ?1 AND sto = ?2 ORDER BY number",

/* ---- the others ---- */
[SQL_PEER] = "SELECT blob, clone FROM peer WHERE computer = ?1",
[SQL_PEER_SET] =
	"INSERT OR REPLACE INTO peer VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
	" ?10)",
[SQL_PEERS] =
	"SELECT computer, name, clone, state, format, updated, heartbeat, seen,"
	" blob, oid FROM peer ORDER BY computer",
[SQL_PEER_RECEIVED_CLEAR] = "DELETE FROM peer_received WHERE computer = ?1",
[SQL_PEER_RECEIVED_SET] =
	"INSERT INTO peer_received VALUES (?1, ?2, ?3, ?4, ?5)"
	" ON CONFLICT (computer, sfrom, sto) DO UPDATE SET"
	" upto = max(upto, excluded.upto), mark = excluded.mark",
[SQL_PEER_RECEIVED] =
	"SELECT sfrom, sto, upto, mark, min(upto, coalesce((SELECT max(r.upto)"
	" FROM receipt r WHERE r.sfrom = p.sfrom AND r.sto = p.sto"
	" AND r.computer = p.computer), 0))"
	" FROM peer_received p WHERE computer = ?1 ORDER BY sfrom, sto",
[SQL_RECEIPT_ADD] =
	"INSERT INTO receipt SELECT ?2, ?3, ?1, ?4, ?5"
	" WHERE ?2 = (SELECT number FROM computer)"
	" AND ?4 > (SELECT coalesce(max(upto), 0) FROM receipt"
	"  WHERE sfrom = ?2 AND sto = ?3 AND computer = ?1)",
[SQL_COMPLAINT_SET] =
	"INSERT INTO complaint SELECT ?1, ?3, ?4, ?5, ?6, 0"
	" WHERE ?2 = (SELECT number FROM computer)"
	" ON CONFLICT (computer, id) DO UPDATE SET why = excluded.why,"
	" since = CASE over WHEN 0 THEN since ELSE excluded.since END,"
	" listed = excluded.listed, over = 0",
/* One that made us send the text anew is never over: what came is another
 * message. */
[SQL_COMPLAINTS_OVER] =
	"UPDATE complaint SET over = ?3"
	" WHERE computer = ?1 AND over = 0 AND listed <> ?2"
	" AND NOT (why LIKE '" STATUS_REUSED "%' AND EXISTS"
	" (SELECT 1 FROM message m WHERE m.origin = complaint.id"
	"  AND m.direction = 0))",
/* As if it were listed: the peer has no room to say that it is not. */
[SQL_COMPLAINTS_KEPT] =
	"UPDATE complaint SET listed = ?2 WHERE computer = ?1 AND over = 0"
	" AND (?3 = '' OR id GLOB ?3 || '.*')",
[SQL_COMPLAINTS] =
	"SELECT computer, id, why FROM complaint WHERE over = 0"
	" ORDER BY computer, id",

/* ---- marks, commits, versions ---- */
[SQL_MARKS] =
	"SELECT tip, tip_time, vouched, all_start, published FROM mark",
[SQL_READING] = "SELECT oid FROM reading WHERE walk = ?1",
[SQL_READING_ADD] =
	"INSERT INTO reading VALUES (?1, ?2) ON CONFLICT DO NOTHING",
[SQL_READING_CLEAR] = "DELETE FROM reading",
[SQL_TIP_SET] = "UPDATE mark SET tip = ?1, tip_time = ?2, vouched = ?3",
[SQL_ALL_START_SET] = "UPDATE mark SET all_start = ?1",
[SQL_PUBLISHED_SET] = "UPDATE mark SET published = ?1",
[SQL_COMMIT_ADD] =
	"INSERT INTO own_commit SELECT ?1, ?2, coalesce("
	"  (SELECT place FROM own_commit WHERE oid = ?4), ?2), ?3, 0, 0"
	" WHERE true ON CONFLICT (oid) DO UPDATE SET n = excluded.n,"
	" place = excluded.place, parent = excluded.parent, state = 0"
	" WHERE state <> 1",
[SQL_COMMIT_END] =
	"UPDATE own_commit SET state = ?2 WHERE oid = ?1 AND state = 0",
[SQL_COMMIT_SEEN] = "UPDATE own_commit SET state = 1 WHERE oid = ?1",
/* What replaced it while nobody knew. */
[SQL_COMMIT_FORMS] =
	"UPDATE own_commit SET state = 3 WHERE state = 0 AND place ="
	" (SELECT place FROM own_commit WHERE oid = ?1)",
[SQL_COMMIT_GET] = "SELECT state, place, parent FROM own_commit WHERE oid = ?1",
[SQL_COMMIT_HELD] =
	"SELECT 1 FROM own_commit WHERE tried AND place >"
	" (SELECT took FROM message WHERE id = ?1 AND direction = 0) LIMIT 1",
[SQL_COMMIT_TRIED] = "UPDATE own_commit SET tried = ?2 WHERE oid = ?1",
[SQL_COMMIT_IS_TRIED] = "SELECT tried FROM own_commit WHERE oid = ?1",
[SQL_UNPUSHED] =
	"SELECT oid, parent, state FROM own_commit WHERE state = 0"
	" ORDER BY place, n",
[SQL_VERSION_ADD] =
	"INSERT INTO version VALUES (?1, ?2) ON CONFLICT DO NOTHING",
[SQL_VERSION] = "SELECT 1 FROM version WHERE path = ?1 AND oid = ?2",

/* ---- the desk ---- */
[SQL_DESK_SET] =
	"INSERT INTO desk VALUES (?1, ?2)"
	" ON CONFLICT (path) DO UPDATE SET blob = excluded.blob",
[SQL_DESK_REMOVE] = "DELETE FROM desk WHERE path = ?1",
[SQL_DESK] = "SELECT path, blob FROM desk ORDER BY path",
[SQL_INTENT_SET] =
	"INSERT INTO desk_intent VALUES (?1, ?2, 1) ON CONFLICT (path) DO UPDATE"
	" SET blob = excluded.blob, open = 1",
[SQL_INTENT_REMOVE] = "DELETE FROM desk_intent WHERE path = ?1",
[SQL_INTENT] = "SELECT 1 FROM desk_intent WHERE path = ?1 AND blob = ?2",
[SQL_INTENT_OPEN] = "SELECT blob FROM desk_intent WHERE path = ?1 AND open",
[SQL_INTENTS_OPEN] = "SELECT 1 FROM desk_intent WHERE open",
[SQL_INTENTS_CLOSE] = "UPDATE desk_intent SET open = 0 WHERE open",
[SQL_DESK_VERSION_ADD] =
	"INSERT INTO desk_version VALUES (?1, ?2) ON CONFLICT DO NOTHING",
[SQL_DESK_VERSION_REMOVE] =
	"DELETE FROM desk_version WHERE path = ?1 AND blob = ?2",
[SQL_DESK_VERSION] =
	"SELECT 1 FROM desk_version WHERE path = ?1 AND blob = ?2",

/* ---- other branches ---- */
[SQL_BRANCH_SET] =
	"INSERT OR REPLACE INTO branch VALUES (?1, ?2, ?3, ?4, '', 0)",
[SQL_BRANCH_FAILED] =
	"INSERT INTO branch VALUES (?1, '', 0, ?3, ?2, 1)"
	" ON CONFLICT (name) DO UPDATE SET why = excluded.why,"
	" failures = CASE failed WHEN excluded.failed THEN failures + 1 ELSE 1 END,"
	" failed = excluded.failed",
[SQL_BRANCH_REMOVE] = "DELETE FROM branch WHERE name = ?1",
[SQL_BRANCHES] =
	"SELECT name, tip, taken, why, failed, failures FROM branch"
	" ORDER BY name",
[SQL_NEWS_ADD] =
	"INSERT INTO branch_news VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
	" ON CONFLICT DO NOTHING",
[SQL_NEWS_REMOVE] = "DELETE FROM branch_news WHERE branch = ?1",
[SQL_NEWS_SETTLED] =
	"DELETE FROM branch_news WHERE branch = ?1 AND path = ?2 AND oid = ?3",
[SQL_NEWS] =
	"SELECT branch, time, path, oid, digest, most, seq FROM branch_news"
	" ORDER BY branch, time, path, oid",
[SQL_BESIDE_ADD] = "INSERT INTO beside VALUES (?1) ON CONFLICT DO NOTHING",
[SQL_BESIDE] = "SELECT 1 FROM beside WHERE oid = ?1",
[SQL_BESIDE_ANY] = "SELECT 1 FROM beside WHERE oid > '' LIMIT 1",

/* ---- copies, problems ---- */
[SQL_COPY_ADD] = "INSERT INTO copy VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
[SQL_COPY] =
	"SELECT 1 FROM copy WHERE path = ?1 AND digest = ?2 AND counted = 0",
[SQL_COPY_NAMED] =
	"SELECT path, digest, who FROM copy WHERE name = ?1 AND counted = 0"
	" ORDER BY n DESC LIMIT 1",
[SQL_COPIES_LOST] =
	"DELETE FROM copy WHERE counted = 0 AND n >"
	" (SELECT place FROM own_commit WHERE oid = ?1 AND state = 0)",
[SQL_COPIES_PATH] =
	"SELECT count(*) FROM copy WHERE counted = 0 AND path = ?1"
	" AND time BETWEEN ?2 AND ?3",
[SQL_COPIES_ALL] =
	"SELECT count(*) FROM copy WHERE counted = 0"
	" AND time BETWEEN ?1 AND ?2",
[SQL_PUT_BACK_ADD] = "INSERT INTO put_back VALUES (?1, ?2, ?3, ?4)",
[SQL_PUT_BACK_LAST] =
	"SELECT blob FROM put_back WHERE path = ?1"
	" ORDER BY time DESC, n DESC LIMIT 1",
[SQL_PUT_BACKS_PATH] =
	"SELECT count(*) FROM put_back WHERE path = ?1"
	" AND time BETWEEN ?2 AND ?3",
[SQL_PUT_BACKS_ALL] =
	"SELECT count(*) FROM put_back WHERE time BETWEEN ?1 AND ?2",
[SQL_PROBLEM_SET] =
	"INSERT INTO problem VALUES (?1, ?2, ?3, ?4)"
	" ON CONFLICT (code, key) DO UPDATE SET text = excluded.text",
[SQL_PROBLEM_OVER] = "DELETE FROM problem WHERE code = ?1 AND key = ?2",
[SQL_PROBLEM] = "SELECT text FROM problem WHERE code = ?1 AND key = ?2",
[SQL_PROBLEMS] =
	"SELECT code, key, text, since FROM problem ORDER BY since, code, key",
[SQL_PROBLEMS_OF] =
	"SELECT code, key, text, since FROM problem WHERE code = ?1"
	" ORDER BY key",
};
