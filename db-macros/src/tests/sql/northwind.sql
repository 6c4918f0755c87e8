-- run: a table with defaults, checks, a collation and a generated column
CREATE TABLE product (
    product_id    INTEGER PRIMARY KEY,
    name          TEXT NOT NULL COLLATE NOCASE,
    unit          TEXT NOT NULL DEFAULT '',
    price_cents   INTEGER NOT NULL CHECK (price_cents >= 0),
    in_stock      INTEGER NOT NULL DEFAULT 0 CHECK (in_stock >= 0),
    reorder_level INTEGER NOT NULL DEFAULT 0,
    discontinued  INTEGER NOT NULL DEFAULT 0 CHECK (discontinued IN (0, 1)),
    is_low        INTEGER GENERATED ALWAYS AS (in_stock < reorder_level) VIRTUAL
)
-- run: json that is checked, and a default that is an expression
CREATE TABLE customer (
    customer_id TEXT PRIMARY KEY CHECK (length(customer_id) = 5),
    name        TEXT,
    profile     TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(profile)),
    since       TEXT NOT NULL DEFAULT (date('now'))
) WITHOUT ROWID
-- run: a strict table without a rowid, foreign keys with every action
CREATE TABLE order_line (
    order_id         INTEGER NOT NULL,
    customer_id      TEXT NOT NULL REFERENCES customer ON UPDATE CASCADE ON DELETE RESTRICT,
    order_date       TEXT NOT NULL,
    product_id       INTEGER NOT NULL,
    price_cents      INTEGER NOT NULL,
    quantity         INTEGER NOT NULL CHECK (quantity > 0),
    discount_percent INTEGER NOT NULL DEFAULT 0 CHECK (discount_percent BETWEEN 0 AND 100),
    paid_cents       INTEGER AS (price_cents * quantity * (100 - discount_percent) / 100) STORED,
    CONSTRAINT key PRIMARY KEY (order_id, product_id ASC),
    CONSTRAINT known FOREIGN KEY (product_id) REFERENCES product (product_id)
        ON DELETE NO ACTION ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID
-- run: AUTOINCREMENT
CREATE TABLE restock (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    product_id INTEGER NOT NULL REFERENCES product ON DELETE CASCADE,
    units      INTEGER NOT NULL,
    at         TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
)
-- run: a tree
CREATE TABLE category (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES category, name TEXT UNIQUE)
-- run: a table for counts
CREATE TABLE counter (name TEXT PRIMARY KEY ON CONFLICT REPLACE, n INTEGER NOT NULL DEFAULT 0)
-- run: an index
CREATE INDEX order_line_product ON order_line (product_id)
-- run: a unique index, if it is not there yet
CREATE UNIQUE INDEX IF NOT EXISTS product_name ON product (name COLLATE NOCASE DESC)
-- run: a partial index
CREATE INDEX product_low ON product (reorder_level) WHERE in_stock < 10 AND NOT discontinued
-- run: an index on an expression
CREATE INDEX order_line_month ON order_line (substr(order_date, 1, 7), paid_cents)
-- run: a view
CREATE VIEW sold AS
SELECT product_id, sum(quantity) AS units, sum(paid_cents) AS cents
FROM order_line
GROUP BY product_id
-- run: a view with its columns named
CREATE VIEW IF NOT EXISTS shelf (id, label, units) AS SELECT product_id, name, in_stock FROM product
-- run: a trigger that writes
CREATE TRIGGER restocked AFTER INSERT ON restock
BEGIN
    UPDATE product SET in_stock = in_stock + new.units WHERE product_id = new.product_id;
END
-- run: a trigger on a view
CREATE TRIGGER shelf_insert INSTEAD OF INSERT ON shelf
BEGIN
    INSERT INTO product (product_id, name, price_cents, in_stock)
    VALUES (new.id, new.label, 0, new.units);
    DELETE FROM counter WHERE name = 'shelf';
    SELECT 1;
END
-- run: full text
CREATE VIRTUAL TABLE product_text USING fts5(name, unit, content = 'product', content_rowid = 'product_id', tokenize = "unicode61 remove_diacritics 2")
-- run: full text, the third kind
CREATE VIRTUAL TABLE note USING fts3(body TEXT, tokenize=porter)
-- run: places
CREATE VIRTUAL TABLE place USING rtree(id, min_x, max_x, min_y, max_y, +label)
-- run: statistics, so that there is a table of them
ANALYZE
-- name: all of a table
SELECT * FROM product
-- name: one by key
SELECT name, unit, price_cents FROM product WHERE product_id = ?1
-- name: a sum that may be NULL
SELECT coalesce(sum(quantity), 0) FROM order_line WHERE product_id = :product
-- name: what is short
SELECT name, in_stock FROM product WHERE in_stock < reorder_level AND NOT discontinued ORDER BY in_stock, name LIMIT 10 OFFSET 5
-- name: an inner join
SELECT l.order_id, p.name, l.quantity
FROM order_line AS l
    INNER JOIN product AS p USING (product_id)
WHERE l.customer_id = 'VINET'
ORDER BY 1, 2 DESC NULLS LAST
-- name: a left join and an aggregate
SELECT p.name, count(l.order_id) AS lines
FROM product p LEFT OUTER JOIN order_line l ON l.product_id = p.product_id
GROUP BY p.product_id
HAVING count(l.order_id) > 10
-- name: right and full joins
SELECT p.name, s.units FROM sold s RIGHT JOIN product p USING (product_id)
UNION ALL
SELECT p.name, r.units FROM restock r FULL JOIN product p ON p.product_id = r.product_id
-- name: natural and cross joins
SELECT count(*) FROM order_line NATURAL JOIN customer CROSS JOIN counter
-- name: a comma as join, with the index named
SELECT p.name FROM product AS p NOT INDEXED, order_line AS l INDEXED BY order_line_product WHERE l.product_id = p.product_id
-- name: revenue by month
SELECT substr(order_date, 1, 7) AS month, sum(paid_cents) / 100.0 AS revenue
FROM order_line
GROUP BY month
ORDER BY month
-- name: a running total
SELECT order_date, sum(paid_cents) OVER (ORDER BY order_date, order_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
FROM order_line
-- name: ranks, with windows that have names
SELECT customer_id, order_id, rank() OVER cheapest, ntile(4) OVER (cheapest ROWS UNBOUNDED PRECEDING EXCLUDE TIES)
FROM order_line
WINDOW of_customer AS (PARTITION BY customer_id), cheapest AS (of_customer ORDER BY paid_cents)
-- name: neighbours
SELECT order_id, lag(order_date, 1, 'none') OVER w, lead(order_date) OVER w, first_value(quantity) OVER w
FROM order_line WINDOW w AS (ORDER BY order_date GROUPS BETWEEN 1 PRECEDING AND 2 FOLLOWING EXCLUDE CURRENT ROW)
-- name: an aggregate with a filter, over a window
SELECT product_id, count(*) FILTER (WHERE discount_percent > 0) OVER (PARTITION BY product_id RANGE CURRENT ROW)
FROM order_line
-- name: an aggregate with an order
SELECT group_concat(name, ', ' ORDER BY price_cents DESC) FROM product
-- name: distinct
SELECT DISTINCT customer_id FROM order_line WHERE order_date BETWEEN '1997-01-01' AND '1997-12-31'
-- name: count distinct
SELECT count(DISTINCT customer_id), total(paid_cents), avg(quantity), min(quantity), max(quantity) FROM order_line
-- name: a common table expression
WITH best AS (SELECT product_id, sum(paid_cents) AS cents FROM order_line GROUP BY 1 ORDER BY 2 DESC LIMIT 10)
SELECT name, cents FROM best JOIN product USING (product_id)
-- name: two of them, one reads the other
WITH
    monthly (month, cents) AS (SELECT substr(order_date, 1, 7), sum(paid_cents) FROM order_line GROUP BY 1),
    change AS (SELECT month, cents - lag(cents) OVER (ORDER BY month) AS cents FROM monthly)
SELECT month FROM change WHERE cents < 0
-- name: the numbers to a hundred
WITH RECURSIVE number (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM number LIMIT 100)
SELECT n FROM number
-- name: a tree, depth first
WITH RECURSIVE below (id, name, depth) AS (
    SELECT id, name, 0 FROM category WHERE parent IS NULL
    UNION ALL
    SELECT c.id, c.name, depth + 1 FROM category c JOIN below b ON c.parent = b.id
    ORDER BY 3 DESC
)
SELECT printf('%.*c%s', depth * 2, ' ', name) FROM below
-- name: compounds
SELECT product_id FROM product EXCEPT SELECT product_id FROM order_line INTERSECT SELECT product_id FROM restock UNION SELECT 1 ORDER BY 1
-- name: correlated subqueries
SELECT name, (SELECT max(order_date) FROM order_line l WHERE l.product_id = p.product_id) AS last
FROM product p
WHERE EXISTS (SELECT 1 FROM restock r WHERE r.product_id = p.product_id) AND product_id NOT IN (SELECT product_id FROM sold)
-- name: a subquery as table
SELECT avg(lines) FROM (SELECT count(*) AS lines FROM order_line GROUP BY order_id)
-- name: CASE
SELECT name, CASE WHEN in_stock = 0 THEN 'none' WHEN is_low THEN 'low' ELSE 'enough' END AS state,
    CASE discontinued WHEN 1 THEN 'gone' END
FROM product
-- name: CAST, COLLATE, LIKE with ESCAPE, GLOB, IS NOT DISTINCT FROM
SELECT CAST(price_cents AS TEXT) FROM product
WHERE name LIKE 'ch\_%' ESCAPE '\' OR name GLOB 'Ch*' OR name = 'CHAI' COLLATE BINARY OR unit IS NOT DISTINCT FROM NULL
-- name: row values
SELECT * FROM order_line WHERE (order_id, product_id) IN (VALUES (10248, 11), (10248, 42)) AND (order_id, product_id) > (1, 2)
-- name: ISNULL, NOTNULL, NOT NULL
SELECT 1 FROM customer WHERE name ISNULL OR name NOTNULL OR name NOT NULL OR name IS NOT NULL
-- name: dates
SELECT date('now', 'start of month', '+1 month', '-1 day'), strftime('%Y-%m', order_date), julianday('now') - julianday(order_date), CURRENT_DATE FROM order_line
-- name: json out
SELECT json_extract(profile, '$.city'), profile -> '$.tags', profile ->> '$.tags[0]', json_array_length(profile, '$.tags') FROM customer
-- name: json made
SELECT json_group_array(json_object('name', name, 'price', price_cents / 100.0)), json_group_object(name, in_stock) FROM product
-- name: json as a table
SELECT c.customer_id, tag.value FROM customer c, json_each(c.profile, '$.tags') AS tag WHERE tag.type = 'text'
-- name: the tree of a json
SELECT fullkey, atom FROM customer JOIN json_tree(profile) WHERE atom IS NOT NULL
-- name: full text, ranked
SELECT name, bm25(product_text), highlight(product_text, 0, '<b>', '</b>') FROM product_text WHERE product_text MATCH ?1 ORDER BY rank
-- name: full text with phrases and operators
SELECT rowid, snippet(product_text, -1, '[', ']', '...', 8) FROM product_text('name : "green tea" NOT insert OR NEAR(delete update, 5)')
-- name: full text, the third kind
SELECT docid, offsets(note) FROM note WHERE body MATCH 'drop table' AND NOT body MATCH 'commit'
-- name: places
SELECT id, label FROM place WHERE min_x >= ?1 AND max_x <= ?2
-- name: through a view
SELECT label FROM shelf WHERE units > 0
-- name: a generated column
SELECT count(*) FROM product WHERE is_low
-- name: values without a table
VALUES (1, 'Chai'), (2, 'Chang')
-- name: the schema
SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
-- name: the statistics
SELECT * FROM sqlite_stat1 WHERE tbl = 'product'
-- name: the sizes
SELECT name, sum(pgsize) FROM dbstat GROUP BY name
-- name: the temporary schema
SELECT * FROM temp.sqlite_temp_master
-- name: the schema's name
SELECT main.product.name FROM main.product
-- name: what was inserted last
SELECT last_insert_rowid(), changes(), total_changes(), sqlite_version()
-- name: random rows
SELECT name FROM product ORDER BY random() LIMIT 3, 4
-- name: a limit that is asked for
SELECT name FROM product ORDER BY 1 LIMIT (SELECT n FROM counter WHERE name = 'page') OFFSET :from
-- name: a product
INSERT INTO product (product_id, name, unit, price_cents, in_stock, reorder_level) VALUES (1, 'Chai', '10 boxes x 20 bags', 1800, 39, 10)
-- name: with parameters
INSERT INTO order_line (order_id, customer_id, order_date, product_id, price_cents, quantity) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
-- name: many
INSERT INTO category VALUES (1, NULL, 'Drinks'), (2, 1, 'Tea'), (3, 1, 'Beer')
-- name: with nothing but defaults
INSERT INTO counter DEFAULT VALUES
-- name: from a query
INSERT INTO restock (product_id, units) SELECT product_id, reorder_level - in_stock FROM product WHERE is_low
-- name: what comes back
INSERT INTO restock (product_id, units) VALUES (?, ?) RETURNING id, at AS "when"
-- name: or ignored
INSERT OR IGNORE INTO customer (customer_id) VALUES ('VINET')
-- name: or replaced
INSERT OR REPLACE INTO counter (name, n) VALUES ('orders', 830)
-- name: or rolled back
INSERT OR ROLLBACK INTO customer (customer_id) VALUES ('VINET')
-- name: or aborted, or failed
INSERT OR ABORT INTO main.customer AS c (customer_id) SELECT 'VINET'
-- name: REPLACE
REPLACE INTO counter VALUES ('orders', 831)
-- name: an upsert
INSERT INTO counter (name, n) VALUES ('orders', 1) ON CONFLICT (name) DO UPDATE SET n = n + excluded.n WHERE excluded.n > 0
-- name: an upsert that does nothing
INSERT INTO counter (name) VALUES ('orders') ON CONFLICT DO NOTHING
-- name: two upserts in one
INSERT INTO category (id, name) VALUES (?1, ?2)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name
    ON CONFLICT (name) DO NOTHING
    RETURNING *
-- name: an upsert from a query needs its WHERE
INSERT INTO counter SELECT name, 1 FROM product WHERE true ON CONFLICT (name) DO UPDATE SET n = n + 1
-- name: through a view
INSERT INTO shelf VALUES (78, 'Mead', 5)
-- name: a sale
UPDATE product SET in_stock = in_stock - ?2 WHERE product_id = ?1 AND in_stock >= ?2
-- name: several columns at once
UPDATE product SET (in_stock, reorder_level) = (SELECT sum(units), 5 FROM restock r WHERE r.product_id = product.product_id)
-- name: an update from another table
UPDATE product AS p SET price_cents = l.price_cents FROM order_line AS l WHERE l.product_id = p.product_id AND l.order_id = 10248
-- name: an update that returns
UPDATE customer SET profile = json_set(profile, '$.city', 'Reims') WHERE customer_id = 'VINET' RETURNING profile
-- name: an update of whatever can be
UPDATE OR IGNORE category SET name = upper(name)
-- name: an update by an index
UPDATE main.product INDEXED BY product_low SET discontinued = 1 WHERE reorder_level = 0 AND in_stock < 10 AND NOT discontinued
-- name: json patched
UPDATE customer SET profile = json_patch(profile, '{"tags": null}')
-- name: a delete
DELETE FROM order_line WHERE order_id = ?
-- name: everything
DELETE FROM restock
-- name: a delete with a subquery, returning
DELETE FROM product AS p WHERE NOT EXISTS (SELECT 1 FROM order_line l WHERE l.product_id = p.product_id) RETURNING product_id
-- name: full text is told of a row
INSERT INTO product_text (rowid, name, unit) VALUES (1, 'Chai', '10 boxes x 20 bags')
-- name: a command to full text
INSERT INTO product_text (product_text) VALUES ('rebuild')
-- name: a place
INSERT INTO place VALUES (1, 0.5, 1.5, -1e3, 1e3, 'Reims')
-- name: WITH before INSERT
WITH top AS (SELECT product_id FROM sold ORDER BY units DESC LIMIT 3) INSERT INTO restock (product_id, units) SELECT product_id, 50 FROM top
-- name: WITH before UPDATE
WITH gone (id) AS (SELECT product_id FROM product EXCEPT SELECT product_id FROM order_line) UPDATE product SET discontinued = 1 WHERE product_id IN gone
-- name: WITH before DELETE
WITH RECURSIVE under (id) AS (SELECT ?1 UNION SELECT category.id FROM category, under WHERE parent = under.id) DELETE FROM category WHERE id IN (SELECT id FROM under)
-- name: WITH inside INSERT
INSERT INTO counter WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 9) SELECT 'n' || n, n FROM number
-- name: a table from a query
CREATE TABLE sold_in_1997 AS SELECT * FROM order_line WHERE order_date LIKE '1997%'
-- name: a table, if it is not there: a new one
CREATE TABLE IF NOT EXISTS supplier (id INTEGER PRIMARY KEY, name TEXT)
-- name: a table, if it is not there: it is
CREATE TABLE IF NOT EXISTS product (product_id)
-- name: an index, if it is not there: it is
CREATE INDEX IF NOT EXISTS order_line_product ON order_line (product_id)
-- name: a view, if it is not there: it is
CREATE VIEW IF NOT EXISTS sold AS SELECT 1
-- name: a trigger, if it is not there: it is
CREATE TRIGGER IF NOT EXISTS restocked AFTER INSERT ON restock BEGIN SELECT 1; END
-- name: a virtual table, if it is not there: it is
CREATE VIRTUAL TABLE IF NOT EXISTS note USING fts3(body)
-- name: a temporary table
CREATE TEMP TABLE basket (product_id INTEGER, quantity INTEGER)
-- name: a temporary table, in full
CREATE TEMPORARY TABLE IF NOT EXISTS basket AS SELECT * FROM product
-- name: a temporary table by its schema
CREATE TABLE temp.basket (product_id)
-- name: a temporary view
CREATE TEMP VIEW cheap AS SELECT * FROM product WHERE price_cents < 1000
-- name: a temporary trigger
CREATE TEMP TRIGGER watch AFTER DELETE ON main.product BEGIN SELECT RAISE(ABORT, 'no'); END
-- name: an index with every clause
CREATE UNIQUE INDEX main.by_state ON product (discontinued, is_low COLLATE BINARY DESC) WHERE discontinued IS NOT NULL
-- name: a trigger on some columns, for some rows
CREATE TRIGGER price_log BEFORE UPDATE OF price_cents, name ON product FOR EACH ROW WHEN old.price_cents <> new.price_cents
BEGIN
    INSERT OR REPLACE INTO counter VALUES ('price', CASE WHEN new.price_cents > 0 THEN 1 ELSE 2 END);
    SELECT CASE WHEN new.price_cents > 100000 THEN RAISE(IGNORE) END;
END
-- name: a trigger with a query and a delete
CREATE TRIGGER main.cleared AFTER DELETE ON product
BEGIN
    SELECT 1;
    DELETE FROM restock WHERE product_id = old.product_id;
    UPDATE counter SET n = n - 1 WHERE name = 'products';
END;
-- name: another full text table
CREATE VIRTUAL TABLE name_text USING fts5(name, prefix = '2 3', detail = none)
-- name: the words of a full text table
CREATE VIRTUAL TABLE temp.word USING fts5vocab('main', 'product_text', 'row')
-- name: a view with a union
CREATE VIEW movement (product_id, units) AS SELECT product_id, -quantity FROM order_line UNION ALL SELECT product_id, units FROM restock
-- name: a table renamed
ALTER TABLE restock RENAME TO delivery
-- name: a column renamed
ALTER TABLE product RENAME COLUMN unit TO packing
-- name: a column renamed, without the word
ALTER TABLE main.counter RENAME n TO hits
-- name: a column added
ALTER TABLE product ADD COLUMN ean TEXT NOT NULL DEFAULT '' CHECK (ean = '' OR length(ean) = 13)
-- name: a column added, without the word
ALTER TABLE category ADD note
-- name: a generated column added
ALTER TABLE product ADD COLUMN value_cents AS (in_stock * price_cents) VIRTUAL
-- name: a column dropped
ALTER TABLE restock DROP COLUMN at
-- name: a column dropped, without the word
ALTER TABLE restock DROP at
-- name: a table dropped
DROP TABLE restock
-- name: a table dropped, if it is there: it is
DROP TABLE IF EXISTS main.category
-- name: a table dropped, if it is there: it is not
DROP TABLE IF EXISTS supplier
-- name: an index dropped
DROP INDEX product_low
-- name: an index dropped, if it is there: it is not
DROP INDEX IF EXISTS product_high
-- name: a view dropped
DROP VIEW sold
-- name: a view dropped, if it is there: it is not
DROP VIEW IF EXISTS unsold
-- name: a trigger dropped
DROP TRIGGER IF EXISTS restocked
-- name: a trigger dropped, if it is there: it is not
DROP TRIGGER IF EXISTS main.unknown
-- name: a virtual table dropped
DROP TABLE note
-- name: VACUUM
VACUUM
-- name: VACUUM of a schema
VACUUM main
-- name: VACUUM into a file
VACUUM main INTO ?1
-- name: VACUUM into a file by its name
VACUUM INTO 'copy.db'
-- name: ANALYZE of all
ANALYZE
-- name: ANALYZE of a table
ANALYZE product
-- name: ANALYZE of a schema
ANALYZE main
-- name: ANALYZE of an index
ANALYZE main.product_low
-- name: REINDEX of all
REINDEX
-- name: REINDEX of a table
REINDEX main.product
-- name: REINDEX of an index
REINDEX product_low
-- name: REINDEX of a collation
REINDEX nocase
