-- name: a query
SELECT n + 1 FROM counter
-- name: a query with LIMIT
SELECT id FROM t ORDER BY n LIMIT 1
-- name: a query's words
SELECT 'INSERT INTO log', "update" AS "n = n + 1" FROM log
-- name: a query of WITH
WITH x AS (SELECT n FROM counter LIMIT 1) SELECT n + 1 FROM x
-- name: values
VALUES (1), (2)
-- name: a value set
UPDATE stock SET qty = 5 WHERE sku = 'a'
-- name: a parameter set
UPDATE stock SET qty = ?2, name = ?3 WHERE sku = ?1
-- name: the column in WHERE alone
UPDATE stock SET qty = 0 WHERE qty > 10
-- name: the column in RETURNING alone
UPDATE stock SET qty = 5 RETURNING qty, qty + 1
-- name: other columns
UPDATE stock SET a = price + 1, b = price * 2
-- name: columns by other columns
UPDATE stock SET length = price, name = sku
-- name: a column whose name is longer
UPDATE t SET n = id + m
-- name: a row of other columns
UPDATE stock SET (a, b) = (price, length + 1)
-- name: a row of a query
UPDATE stock SET (qty, name) = (SELECT counted.qty, counted.sku FROM counted WHERE counted.sku = stock.sku) WHERE sku IN ('a', 'b')
-- name: another table's column of the same name
UPDATE stock SET qty = (SELECT counted.qty FROM counted WHERE counted.sku = stock.sku) WHERE sku IN ('a', 'b')
-- name: another table's column of the same name, without its table's name
UPDATE stock SET qty = (SELECT qty FROM counted WHERE counted.sku = stock.sku) WHERE sku IN ('a', 'b')
-- name: another table's sum of the same name
UPDATE stock SET qty = (SELECT sum(qty) FROM counted)
-- name: another table's column by its alias
UPDATE stock SET qty = coalesce((SELECT c.qty FROM counted AS c WHERE c.sku = stock.sku), 0)
-- name: a subquery that is limited, of another table
UPDATE stock SET qty = (SELECT qty FROM counted ORDER BY qty LIMIT 1)
-- name: another table's column by FROM
UPDATE stock SET qty = c.qty FROM counted AS c WHERE c.sku = stock.sku
-- name: another table's column by FROM and a subquery
UPDATE stock SET qty = c.total FROM (SELECT sku, sum(qty) AS total FROM counted GROUP BY sku) AS c WHERE c.sku = stock.sku
-- name: a table of WITH
WITH c (k, n) AS (VALUES ('hits', 7)) UPDATE counter SET n = (SELECT c.n FROM c WHERE c.k = counter.k) WHERE k IN (SELECT k FROM c)
-- name: another column of the same table
UPDATE t SET n = (SELECT max(m) FROM t)
-- name: how many there are in the same table
UPDATE t SET n = (SELECT count(*) FROM t)
-- name: a text that has the column's name
UPDATE stock SET qty = 'qty + 1', name = 'name || name'
-- name: a comment that has the column's name
UPDATE counter SET n /* n */ = /* n + */ 1 -- + n
-- name: a function of the same name
UPDATE stock SET length = length(name)
-- name: a function of the same name, with a blank and quotes
UPDATE stock SET length = "length" (sku)
-- name: a parameter of the same name
UPDATE counter SET n = :n + 1 WHERE k = @n OR k = $n
-- name: an alias of the same name
UPDATE stock SET qty = (SELECT 1 AS qty)
-- name: a type of the same name
UPDATE stock SET length = CAST(price AS length)
-- name: a document is set
UPDATE stock SET doc = json_object('qty', 1, 'doc', 2)
-- name: a document's value into another column
UPDATE stock SET qty = doc ->> '$.qty' WHERE doc ->> '$.qty' IS NOT NULL
-- name: through a view
UPDATE shelf SET qty = 7 WHERE qty > 7
-- name: OR REPLACE by an update
UPDATE OR REPLACE t SET m = n
-- name: all deleted
DELETE FROM t
-- name: deleted by key
DELETE FROM t WHERE id = ?1
-- name: deleted by a value
DELETE FROM t WHERE n > 3 AND m < 70 RETURNING n
-- name: deleted by another table
DELETE FROM stock WHERE sku IN (SELECT sku FROM counted)
-- name: deleted by another table's first
DELETE FROM stock WHERE sku = (SELECT sku FROM counted ORDER BY qty LIMIT 1)
-- name: deleted by WITH
WITH gone (id) AS (VALUES (1), (2)) DELETE FROM t WHERE id IN gone
-- name: a text that has LIMIT
DELETE FROM log WHERE text = 'LIMIT 1' OR text LIKE '%limit'
-- name: REPLACE
REPLACE INTO counter VALUES ('hits', 1)
-- name: REPLACE with parameters
REPLACE INTO counter (k, n) VALUES (?1, ?2)
-- name: REPLACE from another table
REPLACE INTO counter SELECT sku, qty + 1 FROM stock
-- name: OR REPLACE
INSERT OR REPLACE INTO counter VALUES ('hits', 1), ('more', 2)
-- name: OR REPLACE with a function
INSERT OR REPLACE INTO counter VALUES ('hits', length('n + 1') + 1)
-- name: OR IGNORE
INSERT OR IGNORE INTO counter VALUES ('hits', 1)
-- name: OR IGNORE from another table
insert or ignore into counter select sku, qty + 1 from stock
-- name: OR IGNORE with WITH
WITH x (k) AS (VALUES ('new')) INSERT OR IGNORE INTO counter SELECT k, 1 FROM x
-- name: ON CONFLICT DO NOTHING
INSERT INTO counter VALUES ('new', 1) ON CONFLICT DO NOTHING
-- name: ON CONFLICT of a column DO NOTHING
INSERT INTO counter (k, n) VALUES ('hits', 1) ON CONFLICT (k) DO NOTHING RETURNING n
-- name: an upsert that sets
INSERT INTO counter VALUES ('hits', 1) ON CONFLICT (k) DO UPDATE SET n = excluded.n
-- name: an upsert that sets to a sum
INSERT INTO counter VALUES ('hits', 1) ON CONFLICT (k) DO UPDATE SET n = excluded.n + 1 WHERE n > excluded.n
-- name: an upsert that sets a constant
INSERT INTO counter VALUES ('hits', 1) ON CONFLICT (k) DO UPDATE SET n = 5 WHERE counter.n <> 5
-- name: an upsert of two columns
INSERT INTO stock (sku, qty, price, name) VALUES ('a', 1, 2, 'x') ON CONFLICT (sku) DO UPDATE SET (qty, price) = (excluded.price, excluded.qty), name = excluded.name
-- name: an upsert that reads another column
INSERT INTO stock (sku, qty, price, name) VALUES ('a', 1, 2, 'x') ON CONFLICT (sku) DO UPDATE SET qty = stock.price + excluded.qty
-- name: a table
CREATE TABLE x (n DEFAULT (1 + 1))
-- name: a table if it is not there
CREATE TABLE IF NOT EXISTS log (n)
-- name: a trigger that adds up
CREATE TRIGGER x AFTER INSERT ON log BEGIN UPDATE counter SET n = n + 1; INSERT INTO log (text) VALUES ('more'); END
-- name: a view that adds
CREATE VIEW x AS SELECT n + 1 AS n FROM counter LIMIT 1
-- name: a table dropped
DROP TABLE IF EXISTS log
-- name: an index
CREATE INDEX IF NOT EXISTS x ON t (n + 1)
-- name: a column added
ALTER TABLE t ADD COLUMN x DEFAULT 1
-- name: EXPLAIN of a row
EXPLAIN INSERT INTO log (text) VALUES ('again')
-- name: EXPLAIN QUERY PLAN of a counter
EXPLAIN QUERY PLAN UPDATE counter SET n = n + 1
-- name: EXPLAIN of a counter by REPLACE
EXPLAIN REPLACE INTO counter SELECT k, n + 1 FROM counter
-- name: a version
PRAGMA user_version = 3
-- name: statistics
ANALYZE
-- name: [missed] OR IGNORE where nothing can conflict
INSERT OR IGNORE INTO log (text) VALUES ('again')
-- name: [missed] REPLACE where the key is not given
REPLACE INTO log (text) VALUES ('again')
-- name: [missed] REPLACE by another key: the row gets a new number
REPLACE INTO ticket (name) VALUES ('one')
-- name: [missed] DO NOTHING where nothing can conflict
INSERT INTO log (text) VALUES ('again') ON CONFLICT DO NOTHING
-- name: [missed] DELETE of the least
DELETE FROM t WHERE n = (SELECT min(n) FROM t)
-- name: [missed] DELETE of what is below the average
DELETE FROM t WHERE n < (SELECT avg(n) FROM t)
-- name: [missed] UPDATE of the least
UPDATE t SET n = 100 WHERE n = (SELECT min(n) FROM t)
-- name: [missed] the next free taken, without LIMIT
UPDATE t SET taken = 1 WHERE id = (SELECT min(id) FROM t WHERE taken = 0)
-- name: [missed] a column of the outer table, without its table's name
UPDATE stock SET price = (SELECT price + extra FROM counted WHERE counted.sku = stock.sku) WHERE sku IN ('a', 'b')
-- name: [missed] a column by another name, of the same table in FROM
UPDATE t SET n = 9 - n_ FROM (SELECT id AS i, n AS n_ FROM t) WHERE i = t.id AND t.id < 4
-- name: a limit to a column
UPDATE counter SET n = max(n, 5)
-- name: a text in capitals
UPDATE stock SET name = upper(name)
-- name: a value where there is none
UPDATE t SET n = coalesce(n, 0)
-- name: an upsert that keeps the larger
INSERT INTO counter VALUES ('hits', 1) ON CONFLICT (k) DO UPDATE SET n = max(n, excluded.n)
-- name: a text without blanks
UPDATE stock SET name = trim(name)
-- name: a value if it is given
UPDATE stock SET name = coalesce(?1, name) WHERE sku = 'a'
-- name: an upsert that keeps what is there
INSERT INTO counter VALUES ('hits', 1) ON CONFLICT (k) DO UPDATE SET n = coalesce(excluded.n, n)
-- name: the number of another row of the table
INSERT OR IGNORE INTO t (id, n, m) VALUES (50, (SELECT id FROM t WHERE m = 10), 500)
-- name: what is kept of the row before
INSERT OR REPLACE INTO counter VALUES ('hits', coalesce((SELECT n FROM counter WHERE k = 'hits'), 9))
-- name: what is not there yet, by a join
INSERT OR IGNORE INTO counter SELECT s.sku, 0 FROM stock s LEFT JOIN counter c ON c.k = s.sku WHERE c.k IS NULL
-- name: what is not there yet, by EXCEPT
INSERT OR IGNORE INTO counter (k, n) SELECT sku, 0 FROM (SELECT sku FROM stock EXCEPT SELECT k FROM counter)
-- name: how many there are, returned
INSERT OR IGNORE INTO counter VALUES ('hits', 1) RETURNING k, (SELECT count(*) + 1 FROM counter)
-- name: a column called as the table
INSERT OR IGNORE INTO counter SELECT (SELECT max(id) FROM t), counter FROM (SELECT 5 AS counter)
-- name: the newest kept
DELETE FROM log WHERE id IN (SELECT id FROM log ORDER BY id DESC LIMIT -1 OFFSET 1)
-- name: by another column of a picked row
DELETE FROM t WHERE taken = (SELECT id FROM t WHERE m = 10 LIMIT 1)
-- name: another table's column of the same name, beside the table
UPDATE stock SET qty = (SELECT sum(c.qty) FROM counted c JOIN stock o ON o.sku = c.sku WHERE c.sku = stock.sku) WHERE sku = 'a'
-- name: a text in one form
UPDATE stock SET name = lower(trim(name))
-- name: and the other way round
UPDATE stock SET name = trim(lower(name), ' .')
-- name: a rank, from a query over the same table
UPDATE t SET taken = r.taken FROM (SELECT id, rank() OVER (ORDER BY n DESC) AS taken FROM t) AS r WHERE r.id = t.id
-- name: a place, from WITH
WITH r AS (SELECT id, row_number() OVER (ORDER BY m) AS taken FROM t) UPDATE t SET taken = r.taken FROM r WHERE r.id = t.id
