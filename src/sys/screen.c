/*
 * The terminal's second screen (screen.h), by the sequences that xterm, the consoles of
 * Linux and the BSDs, tmux and screen have in common.
 */
#include "trine/screen.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "sys.h"
#include "trine/mem.h"

/* Second screen, no cursor, long lines are cut; and back. */
#define ENTER "\033[?1049h\033[?25l\033[?7l"
#define LEAVE "\033[?7h\033[?25h\033[?1049l"
#define LINE_END "\033[K\r\n"

static struct {
	bool open, keys;	/* stdin is a terminal, too */
	struct termios before;
	size_t top;		/* first line that is shown */
	size_t lines, rows;	/* of the last picture, and of the screen */
} screen;

static volatile sig_atomic_t ended, resized;

static void on_end(int number)
{
	(void)number;
	ended = 1;
}

static void on_size(int number)
{
	(void)number;
	resized = 1;
}

static const struct { int number; void (*handler)(int number); } signals[] = {
	{ SIGINT, on_end }, { SIGTERM, on_end }, { SIGHUP, on_end },
	{ SIGWINCH, on_size },
};
static struct sigaction old[ARRAY_LEN(signals)];

static void catch_signals(void)
{
	struct sigaction action = { 0 };

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		action.sa_handler = signals[i].handler;
		sigaction(signals[i].number, &action, &old[i]);
	}
}

/* Each key at once, ^C and ^Z too: nobody is to stop with the terminal like that. */
static void take_keys(void)
{
	struct termios t;

	screen.keys = tcgetattr(STDIN_FILENO, &screen.before) == 0;
	if (!screen.keys)
		return;
	t = screen.before;
	t.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
	t.c_cc[VMIN] = 0;
	t.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &t);
}

int screen_open(struct error *err)
{
	if (!isatty(STDOUT_FILENO))
		return error_set(err, ERR_USAGE, "this wants a terminal");
	ended = resized = 0;
	memset(&screen, 0, sizeof(screen));
	screen.open = true;
	catch_signals();
	take_keys();
	write_all(STDOUT_FILENO, span_str(ENTER));
	return 0;
}

void screen_close(void)
{
	if (!screen.open)
		return;
	screen.open = false;
	write_all(STDOUT_FILENO, span_str(LEAVE));
	if (screen.keys)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &screen.before);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		sigaction(signals[i].number, &old[i], NULL);
}

/* ---- drawing ---- */

static size_t count_rows(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == -1 || size.ws_row == 0)
		return 24;
	return size.ws_row;
}

static size_t count_lines(struct span text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += text.p[i] == '\n';
	return count;
}

/* The last row says what there is else. */
static size_t room(void)
{
	return screen.rows > 1 ? screen.rows - 1 : 1;
}

static void keep_in_range(void)
{
	size_t most = screen.lines > room() ? screen.lines - room() : 0;

	if (screen.top > most)
		screen.top = most;
}

static void add_lines(struct buf *out, struct span text)
{
	const char *p = text.p, *end = text.p + text.len, *lf;

	for (size_t i = 0; i < screen.top + room() && p < end; i++, p = lf + 1) {
		lf = memchr(p, '\n', (size_t)(end - p));
		if (lf == NULL)
			break;
		if (i < screen.top)
			continue;
		buf_add(out, p, (size_t)(lf - p));
		buf_adds(out, LINE_END);
	}
}

static void add_foot(struct buf *out)
{
	size_t above = screen.top, shown = room();
	size_t below = screen.lines > above + shown ?
		       screen.lines - above - shown : 0;

	buf_printf(out, "\033[7m%s ends it", screen.keys ? "q" : "^C");
	if (above > 0)
		buf_printf(out, " · %zu more above (k)", above);
	if (below > 0)
		buf_printf(out, " · %zu more below (j)", below);
	buf_adds(out, "\033[m\033[K");
}

void screen_show(struct span text)
{
	struct buf out = BUF_INIT;

	screen.rows = count_rows();
	screen.lines = count_lines(text);
	keep_in_range();
	buf_adds(&out, "\033[H");
	add_lines(&out, text);
	buf_printf(&out, "\033[J\033[%zu;1H", screen.rows);
	add_foot(&out);
	write_all(STDOUT_FILENO, span_of(&out));
	buf_release(&out);
}

/* ---- keys ---- */

static void move(bool down)
{
	if (down)
		screen.top++;
	else if (screen.top > 0)
		screen.top--;
	keep_in_range();
}

/* An arrow comes as ESC [ A or ESC O A, and in one piece. */
static enum screen_event take(const char *keys, size_t count)
{
	enum screen_event event = SCREEN_TIME;

	for (size_t i = 0; i < count; i++) {
		bool arrow = i >= 2 && keys[i - 2] == '\033';
		char key = keys[i];

		if (key == 'q' || key == 'Q' || key == 3 /* ^C */ || key == 4)
			return SCREEN_END;
		if (key != 'j' && key != 'k' &&
		    !(arrow && (key == 'A' || key == 'B')))
			continue;
		move(key == 'j' || key == 'B');
		event = SCREEN_REDRAW;
	}
	return event;
}

/* A terminal that is gone gives no keys any more. */
static enum screen_event read_keys(void)
{
	char keys[64];
	ssize_t got = read(STDIN_FILENO, keys, sizeof(keys));

	return got <= 0 ? SCREEN_END : take(keys, (size_t)got);
}

enum screen_event screen_wait(int64_t ms)
{
	struct pollfd in = { .fd = screen.keys ? STDIN_FILENO : -1,
			     .events = POLLIN };
	int ready = 0;

	if (!ended && !resized)
		ready = poll(&in, 1, (int)ms);
	if (ended)
		return SCREEN_END;
	if (resized) {
		resized = 0;
		return SCREEN_REDRAW;
	}
	return ready > 0 ? read_keys() : SCREEN_TIME;
}
