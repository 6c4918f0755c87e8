-- run: what is in stock
CREATE TABLE stock (sku TEXT PRIMARY KEY, qty INTEGER NOT NULL, price INTEGER NOT NULL, name TEXT NOT NULL, length INTEGER, a INTEGER, b INTEGER, doc TEXT NOT NULL DEFAULT '{}')
-- run: four of them
INSERT INTO stock VALUES ('a', 10, 100, 'Apple', 0, 1, 2, '{"n": 1, "list": []}'), ('b', 20, 200, 'Pear', 0, 3, 4, '{"n": 1, "list": []}'), ('c', 30, 300, 'qty', 0, 5, 6, '{}'), ('d', 40, 400, 'Plum', 0, 7, 8, '{}')
-- run: what was counted
CREATE TABLE counted (sku TEXT PRIMARY KEY, qty INTEGER NOT NULL, extra INTEGER NOT NULL)
-- run: two counts
INSERT INTO counted VALUES ('a', 11, 1), ('b', 19, 2)
-- run: counters
CREATE TABLE counter (k TEXT PRIMARY KEY, n INTEGER NOT NULL)
-- run: two counters
INSERT INTO counter VALUES ('hits', 3), ('1', 7)
-- run: numbers
CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, m INTEGER UNIQUE, taken INTEGER NOT NULL DEFAULT 0)
-- run: eight numbers
INSERT INTO t (id, n, m) VALUES (1, 1, 10), (2, 2, 20), (3, 3, 30), (4, 4, 40), (5, 5, 50), (6, 6, 60), (7, 7, 70), (8, 8, 80)
-- run: a log
CREATE TABLE log (id INTEGER PRIMARY KEY, text TEXT NOT NULL, "update" INTEGER NOT NULL DEFAULT 0)
-- run: its first line
INSERT INTO log (text) VALUES ('first')
-- run: tickets
CREATE TABLE ticket (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE)
-- run: a ticket
INSERT INTO ticket (name) VALUES ('one')
-- run: a view to be written
CREATE VIEW shelf AS SELECT sku, qty FROM stock
-- run: how it is written
CREATE TRIGGER shelf_update INSTEAD OF UPDATE ON shelf BEGIN UPDATE stock SET qty = new.qty WHERE sku = new.sku; END
-- name: a row
INSERT INTO log (text) VALUES ('again')
-- name: rows
INSERT INTO log (text) VALUES ('again'), ('and again')
-- name: a row of defaults
INSERT INTO ticket DEFAULT VALUES
-- name: a row with parameters
INSERT INTO t (n, taken) VALUES (?1, ?2)
-- name: a row that comes back
INSERT INTO log (text) VALUES ('again') RETURNING id
-- name: rows of a query
INSERT INTO log (text) SELECT sku FROM stock
-- name: rows of WITH before it
WITH x (text) AS (VALUES ('again')) INSERT INTO log (text) SELECT text FROM x
-- name: rows of WITH inside it
INSERT INTO log (text) WITH x (text) AS (VALUES ('again')) SELECT text FROM x
-- name: rows of a query of the same table
INSERT INTO t (n) SELECT n FROM t
-- name: OR ABORT
INSERT OR ABORT INTO log (text) VALUES ('again')
-- name: OR FAIL
INSERT OR FAIL INTO log (text) VALUES ('again')
-- name: OR ROLLBACK
insert or rollback into log (text) values ('again')
-- name: a comment instead of OR IGNORE
INSERT /* OR IGNORE */ INTO log (text) VALUES ('OR REPLACE')
-- name: a text that speaks of ON CONFLICT
INSERT INTO log (text) VALUES ('ON CONFLICT DO NOTHING')
-- name: a column that is called as an update
INSERT INTO main."log" AS l (text, "update") VALUES ('again', 1)
-- name: [stricter] a row whose key is given: the second time it fails
INSERT INTO counter VALUES ('new', 1)
-- name: [stricter] OR ABORT with a key that is given
INSERT OR ABORT INTO t (id, n) VALUES (99, 1)
-- name: a counter
UPDATE counter SET n = n + 1 WHERE k = 'hits'
-- name: a counter without blanks
UPDATE"counter"SET"n"="n"+1
-- name: a counter in brackets and other cases
update Counter set [N] = (((`n` + 1)))
-- name: a counter with comments
UPDATE counter SET n /* = 1 */ = -- 1
    n + 1
-- name: a counter with its table's name
UPDATE counter SET n = counter.n + 1
-- name: a counter with its schema's name
UPDATE main.counter SET n = main.counter.n + 1
-- name: a counter with an alias
UPDATE counter AS c SET n = c.n + 1 WHERE c.k = 'hits'
-- name: a counter with a quoted alias
UPDATE counter AS "the c" SET n = 1 + "the c".[n]
-- name: a counter behind another column
UPDATE stock SET name = 'x', qty = qty - 1
-- name: a counter that may fail
UPDATE OR IGNORE stock SET qty = qty - ?1 WHERE qty >= ?1
-- name: a counter with WITH
WITH x (n) AS (SELECT 1) UPDATE counter SET n = n + (SELECT x.n FROM x)
-- name: a counter that comes back
UPDATE counter SET n = n + 1 RETURNING n
-- name: a counter with an index
UPDATE counter NOT INDEXED SET n = n * 2
-- name: a counter in a function
UPDATE stock SET name = concat(name, '!'), price = 1
-- name: a text that grows
UPDATE stock SET name = name || '!' WHERE sku = 'a'
-- name: a counter in CASE
UPDATE stock SET qty = CASE WHEN sku = 'a' THEN qty + 1 ELSE 0 END
-- name: a counter in the condition of CASE
UPDATE t SET n = CASE n WHEN 1 THEN 2 WHEN 2 THEN 3 ELSE 1 END
-- name: two columns change places
UPDATE stock SET a = b, b = a
-- name: two columns change places as a row
UPDATE stock SET (a, b) = (b, a)
-- name: a column takes another, which is set
UPDATE stock SET a = b, b = 0
-- name: a row of values, one counts
UPDATE stock SET (name, qty) = ('x', qty + 1)
-- name: a row of a query, one counts
UPDATE stock SET (name, qty) = (SELECT 'x', stock.qty + 1)
-- name: the next number
UPDATE t SET n = (SELECT max(n) + 1 FROM t) WHERE id = 1
-- name: the next number, with an alias
UPDATE t SET n = (SELECT max(x.n) + 1 FROM t AS x) WHERE id = 1
-- name: an outer column within a subquery, by its table
UPDATE stock SET qty = (SELECT stock.qty + counted.extra FROM counted WHERE counted.sku = stock.sku) WHERE sku IN ('a', 'b')
-- name: an outer column within a subquery without a table
UPDATE counter SET n = (SELECT n + 1)
-- name: a column beside a subquery
UPDATE stock SET qty = qty + (SELECT extra FROM counted WHERE counted.sku = stock.sku) WHERE sku IN ('a', 'b')
-- name: another table's rows are added
UPDATE stock SET qty = stock.qty + c.qty FROM counted AS c WHERE c.sku = stock.sku
-- name: the same table joined
UPDATE stock SET qty = other.qty + 1 FROM stock AS other WHERE other.sku = stock.sku
-- name: a document that grows
UPDATE stock SET doc = json_insert(doc, '$.list[#]', 1) WHERE sku = 'a'
-- name: a document's counter
UPDATE stock SET doc = json_set(doc, '$.n', doc ->> '$.n' + 1) WHERE sku = 'a'
-- name: through a view
UPDATE shelf SET qty = qty + 1
-- name: [stricter] a document's value is set
UPDATE stock SET doc = json_set(doc, '$.city', 'Reims')
-- name: [stricter] a column as it is
UPDATE counter SET n = n
-- name: an upsert that counts
INSERT INTO counter VALUES ('hits', 1) ON CONFLICT (k) DO UPDATE SET n = n + 1
-- name: an upsert that adds
INSERT INTO counter (k, n) VALUES ('hits', 2) ON CONFLICT (k) DO UPDATE SET n = n + excluded.n
-- name: an upsert that adds, with the table's name
INSERT INTO counter VALUES ('hits', 2) ON CONFLICT DO UPDATE SET n = excluded.n + counter.n WHERE excluded.n > 0
-- name: an upsert that adds, with an alias
INSERT INTO counter AS c VALUES ('hits', 2) ON CONFLICT DO UPDATE SET n = c.n + 1
-- name: an upsert of a query
INSERT INTO counter SELECT 'hits', 1 FROM t WHERE true ON CONFLICT (k) DO UPDATE SET n = n + 1
-- name: the second upsert counts
INSERT INTO t (id, n) VALUES (1, 1) ON CONFLICT (m) DO NOTHING ON CONFLICT (id) DO UPDATE SET n = n + 1
-- name: a counter by OR REPLACE
INSERT OR REPLACE INTO counter SELECT k, n + 1 FROM counter
-- name: a counter by REPLACE
REPLACE INTO counter SELECT k, n + 1 FROM counter WHERE k = 'hits'
-- name: a counter by REPLACE, with an alias
REPLACE INTO counter (n, k) SELECT c.n + 1, c.k FROM counter AS c
-- name: a counter by REPLACE and a subquery
REPLACE INTO counter (k, n) VALUES ('hits', coalesce((SELECT n FROM counter WHERE k = 'hits'), 0) + 1)
-- name: a counter by REPLACE and WITH
WITH old AS (SELECT k, n FROM counter) REPLACE INTO counter SELECT k, n + 1 FROM old
-- name: the next by OR IGNORE
INSERT OR IGNORE INTO counter SELECT n + 1, n + 1 FROM counter
-- name: [open] the next by DO NOTHING
INSERT INTO counter SELECT n + 1, n + 1 FROM counter WHERE true ON CONFLICT DO NOTHING
-- name: some of them deleted
DELETE FROM t WHERE id IN (SELECT id FROM t LIMIT 2)
-- name: the first deleted
DELETE FROM t WHERE id = (SELECT id FROM t ORDER BY id LIMIT 1)
-- name: the first by its rowid deleted, and told
DELETE FROM main.t WHERE rowid IN (SELECT x.rowid FROM t AS x ORDER BY x.n LIMIT ?1) RETURNING id
-- name: the first by OFFSET deleted
DELETE FROM t WHERE id IN (SELECT id FROM t ORDER BY n LIMIT 1 OFFSET 1)
-- name: the first by WITH deleted
WITH first AS (SELECT id FROM t ORDER BY id LIMIT 1) DELETE FROM t WHERE id IN first
-- name: [open] the first that is free taken
UPDATE t SET taken = 1 WHERE id = (SELECT id FROM t WHERE taken = 0 ORDER BY id LIMIT 1)
-- name: [unrunnable] DELETE with LIMIT
DELETE FROM t WHERE n > 0 LIMIT 1
-- name: [unrunnable] DELETE with an order and LIMIT
DELETE FROM t ORDER BY n LIMIT 1 OFFSET 1
-- name: [unrunnable] UPDATE with LIMIT
UPDATE t SET taken = 1 WHERE taken = 0 LIMIT 1
-- name: [unrunnable] UPDATE with an order and LIMIT
UPDATE t SET taken = 1 ORDER BY n LIMIT ?1
-- name: [unrunnable] DELETE with RETURNING and LIMIT
DELETE FROM t RETURNING id ORDER BY n LIMIT 1
-- name: a free one taken, by FROM
UPDATE t SET taken = 1 FROM (SELECT id FROM t WHERE taken = 0 LIMIT 1) AS f WHERE f.id = t.id
-- name: a free one taken, by WITH and FROM
WITH f AS (SELECT id FROM t WHERE taken = 0 LIMIT 1) UPDATE t SET taken = 1 FROM f WHERE f.id = t.id
-- name: a free one taken, in parentheses
UPDATE t SET taken = 1 WHERE (id = (SELECT id FROM t WHERE taken = 0 LIMIT 1))
-- name: two free ones taken, in more of them
UPDATE t SET taken = 1 WHERE n > 0 AND ((m > 0) AND (id IN (SELECT id FROM t WHERE taken = 0 LIMIT 2)))
-- name: a free one taken, with IS
UPDATE t SET taken = 1 WHERE id IS (SELECT id FROM t WHERE taken = 0 LIMIT 1)
-- name: a free one taken, the other way round
UPDATE t SET taken = 1 WHERE (SELECT id FROM t WHERE taken = 0 LIMIT 1) = id
-- name: a free one taken, by the row's number
UPDATE t SET taken = 1 WHERE id = (SELECT rowid FROM t WHERE taken = 0 LIMIT 1)
-- name: a default and one more
UPDATE t SET n = coalesce(n, 0) + 1
-- name: a default that moves
UPDATE t SET n = coalesce(n + 1, 0)
-- name: the longest of all names in a name
UPDATE counter SET n = max(n, (SELECT sum(n) FROM counter))
-- name: one more, from a query over the same table
UPDATE t SET n = r.n FROM (SELECT id, n + 1 AS n FROM t) AS r WHERE r.id = t.id
-- name: one more, from WITH
WITH r AS (SELECT id, n + 1 AS n FROM t) UPDATE t SET n = r.n FROM r WHERE r.id = t.id
