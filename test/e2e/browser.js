// node browser.js URL SCREENSHOTS [FILE]: opens the dashboard in a headless Chromium, at
// the width of a desk and of a phone. URL has the token. What it wants of the fleet it
// asks for in lines on standard output ("WANT add TITLE", …), and goes on when a line
// comes back; FILE is a page of `trine status --html`. Ends with 1, and why, if the page
// does not do what it should.
'use strict';
const path = require('path');
const readline = require('readline');
const { chromium } = require(path.join(process.env.BROWSER_MODULES, 'playwright-core'));

const [, , url, shots, file] = process.argv;
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
async function want(what) {
	console.log('WANT ' + what);
	await lines.next();
}
function check(well, what) {
	if (!well)
		throw new Error(what);
	console.log('# ' + what);
}
const shot = (page, name) => page.screenshot({ fullPage: true,
	path: path.join(shots, name + '.png') });

// Everything is within the width, and nothing was refused or thrown.
async function watched(context) {
	const page = await context.newPage();
	page.troubles = [];
	page.on('pageerror', (e) => page.troubles.push(String(e)));
	page.on('console', (m) => m.type() === 'error' && page.troubles.push(m.text()));
	page.on('request', (r) => new URL(r.url()).host !== new URL(url).host &&
		!/^(data|file):/.test(r.url()) && page.troubles.push('asks ' + r.url()));
	return page;
}
async function fits(page) {
	const [has, may] = await page.evaluate(() =>
		[document.documentElement.scrollWidth, document.documentElement.clientWidth]);
	check(has <= may, `${has} px are within ${may}`);
}

async function desk(browser) {
	const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
	const page = await watched(context);
	await page.goto(url);
	await page.waitForSelector('#live.on');
	check(!page.url().includes('token'), 'the token is gone from the address');
	await page.evaluate(() => { window.loaded = true; });

	await want('add Paint the fence');
	await page.waitForSelector('#tasks .row:has-text("Paint the fence")');
	check(true, 'a task appears');
	await want('claim Paint the fence');
	await page.waitForSelector('#tasks h3:has-text("Claimed") + .rows :text("Paint the fence")');
	await want('finish Paint the fence');
	await page.waitForSelector('#tasks h3:has-text("Done lately") + .rows :text("Paint the fence")');
	check(await page.evaluate(() => window.loaded), 'it is done, and the page was not loaded anew');

	const both = await page.textContent('#tasks .row:has-text("Change both of them")');
	check(/waits for 1_TO_2\.\d by 2/.test(both) && /for \d+ s/.test(both) &&
		!both.includes('never'), 'it says what waits for others, and since when');

	await page.click('#write');
	await page.selectOption('#l-to', '2');
	await page.fill('#l-title', 'From the dashboard');
	await page.fill('#l-body', 'It has a text, too. <b>Not bold</b>');
	await shot(page, 'desk-letter');
	await page.click('#l-send');
	await page.waitForSelector('#messages .row:has-text("From the dashboard")');
	await want('sent From the dashboard');
	check(true, 'a message is sent');

	const instance = page.locator('#instances .row', { hasText: 'builder' }).first();
	await instance.locator('summary').click();
	await instance.locator('button', { hasText: 'Restart' }).click();
	await want('restarted builder');
	check(true, 'an instance is restarted');

	await page.locator('#tasks summary', { hasText: '<img src=x' }).click();
	await page.waitForSelector('#tasks .text:has-text("<script>")');
	check(await page.evaluate(() => !document.querySelector('#tasks img, #tasks script') &&
		!window.stolen), 'text of others is text');
	check((await page.locator('#messages').textContent())
		.includes('Seen\\u{202e} \\u{e0068}and not'), 'what would hide text is shown');
	await shot(page, 'desk-light');
	await fits(page);

	// by keyboard alone
	await page.locator('#tasks summary', { hasText: '<img src=x' }).focus();
	await page.keyboard.press('Enter');
	check(await page.evaluate(() => document.activeElement.tagName === 'SUMMARY' &&
		!document.activeElement.closest('details').open), 'a key folds it');
	await page.fill('#search', 'dashboard');
	await page.waitForSelector('#messages .count:has-text("found")');
	check(true, 'a search finds');

	await want('alert The disk is full');
	await page.waitForSelector('.alert:has-text("The disk is full")');
	await shot(page, 'desk-alert');
	await page.click('.alert button');
	await page.waitForSelector('.alert', { state: 'detached' });
	check(true, 'an alert is shown, and cleared');

	// who has no token sees nothing
	const other = await watched(await browser.newContext());
	await other.goto(url.replace(/#.*/, ''));
	await other.waitForSelector('#gate:visible');
	check(!(await other.isVisible('#main')), 'without a token there is nothing to see');
	check(page.troubles.length === 0, 'nothing was refused: ' + page.troubles.join('; '));
	await context.close();
}

async function phone(browser, scheme) {
	const context = await browser.newContext({ viewport: { width: 360, height: 740 },
		deviceScaleFactor: 2, isMobile: true, hasTouch: true, colorScheme: scheme });
	const page = await watched(context);
	await page.goto(url);
	await page.waitForSelector('#live.on');
	await page.waitForSelector('#tasks .row');
	await fits(page);
	await shot(page, 'phone-' + scheme);
	if (scheme === 'dark') {
		await page.setViewportSize({ width: 1280, height: 900 });
		await shot(page, 'desk-dark');
	}
	check(page.troubles.length === 0, 'nothing was refused: ' + page.troubles.join('; '));
	await context.close();
}

async function asFile(browser) {
	const page = await watched(await browser.newContext({
		viewport: { width: 1280, height: 900 } }));
	await page.goto('file://' + file);
	await page.waitForSelector('#tasks .row');
	check(await page.locator('#main button').count() === 0, 'a file has no buttons');
	await shot(page, 'file');
	check(page.troubles.length === 0, 'nothing was refused: ' + page.troubles.join('; '));
}

(async () => {
	const browser = await chromium.launch({ executablePath: process.env.BROWSER,
		args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic',
			'--no-first-run', '--disable-background-networking',
			'--disable-component-update', '--disable-sync'] });
	try {
		await desk(browser);
		await phone(browser, 'light');
		await phone(browser, 'dark');
		if (file)
			await asFile(browser);
	} finally {
		await browser.close();
	}
})().then(() => process.exit(0), (why) => {
	console.log('FAILED ' + (why.stack || why));
	process.exit(1);
});
