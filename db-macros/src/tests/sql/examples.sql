-- run: inventory: products
CREATE TABLE products (
        id            INTEGER PRIMARY KEY,
        name          TEXT NOT NULL,
        unit          TEXT NOT NULL,
        price_cents   INTEGER NOT NULL,
        in_stock      INTEGER NOT NULL CHECK (in_stock >= 0),
        reorder_level INTEGER NOT NULL,
        discontinued  INTEGER NOT NULL
    ) STRICT;
-- run: inventory: orders
CREATE TABLE orders (
        id        INTEGER PRIMARY KEY,
        customer  TEXT NOT NULL,
        placed_on TEXT NOT NULL
    ) STRICT;
-- run: inventory: lines of orders
CREATE TABLE order_lines (
        order_id         INTEGER NOT NULL REFERENCES orders,
        product_id       INTEGER NOT NULL REFERENCES products,
        price_cents      INTEGER NOT NULL,
        quantity         INTEGER NOT NULL CHECK (quantity > 0),
        discount_percent INTEGER NOT NULL,
        PRIMARY KEY (order_id, product_id)
    ) STRICT, WITHOUT ROWID;
-- run: inventory: restocks
CREATE TABLE restocks (
        id         INTEGER PRIMARY KEY,
        product_id INTEGER NOT NULL REFERENCES products,
        units      INTEGER NOT NULL CHECK (units > 0)
    ) STRICT;
-- name: inventory: the check of the file
PRAGMA integrity_check
-- name: inventory: all orders
SELECT id, customer, placed_on FROM orders
-- name: inventory: all lines
SELECT order_id, product_id, price_cents, quantity, discount_percent
         FROM order_lines ORDER BY order_id, product_id
-- name: inventory: the audit's sums
SELECT id, in_stock,
             (SELECT coalesce(sum(quantity), 0) FROM order_lines WHERE product_id = p.id),
             (SELECT coalesce(sum(units), 0) FROM restocks WHERE product_id = p.id)
         FROM products AS p ORDER BY id
-- name: inventory: how many restocks
SELECT count(*) FROM restocks
-- name: inventory: whose file it is
SELECT count(*), count(*) FILTER (WHERE type = 'table'
             AND name IN ('products', 'orders', 'order_lines', 'restocks'))
         FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'
-- name: inventory: how many orders
SELECT count(*) FROM orders
-- name: inventory: an order
INSERT INTO orders (id, customer, placed_on) VALUES (?1, ?2, ?3)
-- name: inventory: a sale
UPDATE products SET in_stock = in_stock - ?2 WHERE id = ?1
-- name: inventory: a line
INSERT INTO order_lines (order_id, product_id, price_cents, quantity, discount_percent)
         VALUES (?1, ?2, ?3, ?4, ?5)
-- name: inventory: a full shelf
UPDATE products SET in_stock = ?2 WHERE id = ?1
-- name: inventory: a restock
INSERT INTO restocks (product_id, units) VALUES (?1, ?2)
-- name: inventory: the products
INSERT OR IGNORE INTO products
             (id, name, unit, price_cents, in_stock, reorder_level, discontinued)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
-- name: inventory: the sum of the shelves
SELECT sum(in_stock) FROM products
-- name: inventory: the sum of what is sold
SELECT sum(quantity) FROM order_lines
-- name: inventory: one shelf
SELECT in_stock FROM products WHERE id = ?1
-- name: inventory: what is short
SELECT name, in_stock FROM products
         WHERE in_stock < reorder_level AND NOT discontinued
         ORDER BY in_stock, name
-- name: inventory: the colleague begins
BEGIN IMMEDIATE
-- name: inventory: the colleague's end
ROLLBACK
-- run: README: the table
CREATE TABLE stock (sku TEXT PRIMARY KEY, qty INTEGER NOT NULL)
-- name: README: the table, if it is not there
CREATE TABLE IF NOT EXISTS stock (sku TEXT, qty INTEGER)
-- name: README: a query
SELECT qty FROM stock WHERE sku = ?1
-- name: README: the stock is set
INSERT OR REPLACE INTO stock VALUES (?1, ?2)
-- name: README: a sale
UPDATE stock SET qty = qty - ?2 WHERE sku = ?1
-- name: README: all is gone
DELETE FROM stock
-- name: README: one is there
INSERT INTO stock VALUES ('A-1', 5)
-- name: README: how many
SELECT count(*) FROM stock
-- name: documentation: the stock is set
UPDATE stock SET qty = 100 WHERE sku = ?1
-- run: tests: the items
CREATE TABLE item (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            qty INTEGER NOT NULL DEFAULT 0
         )
-- run: tests: their index
CREATE INDEX item_name ON item (name);
-- run: tests: their view
CREATE VIEW seen AS SELECT name FROM item;
-- run: tests: the view can be written
CREATE TRIGGER into_seen INSTEAD OF INSERT ON seen
                 BEGIN INSERT INTO item (name) VALUES (new.name); END;
-- run: tests: a sequence
CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT);
-- run: tests: parts
CREATE TABLE part (
    item INTEGER NOT NULL REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED)
-- run: tests: a bomb
CREATE TRIGGER bomb BEFORE INSERT ON item WHEN NEW.name = 'bomb'
    BEGIN SELECT RAISE(ROLLBACK, 'the bomb'); END
-- run: benchmarks: a counter
CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);
-- run: tests: accounts
CREATE TABLE account (name TEXT PRIMARY KEY, money INTEGER NOT NULL);
-- name: benchmarks: a count
UPDATE counter SET n = n + 1 WHERE id = 1
-- name: tests: a bomb goes off
INSERT INTO item (name) VALUES ('a'), ('b'), ('bomb')
-- name: tests: a rollback on conflict
INSERT OR ROLLBACK INTO item (id, name) VALUES (1, 'again')
-- name: tests: an update that rolls back on conflict
UPDATE OR ROLLBACK item SET id = 1
-- name: tests: an insert that answers
INSERT INTO item (name) VALUES ('a'), ('b') RETURNING id
-- name: tests: a pragma as table
SELECT sum(qty), user_version FROM item, pragma_user_version
-- name: tests: many rows
INSERT INTO item (name) WITH RECURSIVE n (i) AS
                    (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
                 SELECT 'many' FROM n
-- name: tests: a part
INSERT INTO part VALUES (77)
-- name: tests: money moves
UPDATE account SET money = money + ?2 WHERE name = ?1
-- name: tests: an upsert
INSERT INTO item (id, name) VALUES (1, 'new') ON CONFLICT DO UPDATE SET name = 'new'
-- name: tests: WITH and an insert
WITH new (name) AS (VALUES ('new')) INSERT INTO item (name) SELECT name FROM new
-- name: tests: an update that answers
UPDATE item SET name = 'new' WHERE id = 1 RETURNING name
-- name: tests: through the view
INSERT INTO seen (name) VALUES ('new')
-- name: tests: into the sequence
INSERT INTO sqlite_sequence VALUES ('item', 7)
-- name: tests: a table named new
CREATE TABLE new (x)
-- name: tests: a table from a query
CREATE TABLE new AS SELECT * FROM item
-- name: tests: a trigger named new
CREATE TRIGGER new AFTER INSERT ON item BEGIN SELECT 1; END
-- name: tests: a virtual table
CREATE VIRTUAL TABLE new USING fts5(x)
-- name: tests: a temporary table
CREATE TEMP TABLE new (x)
-- name: tests: a table renamed
ALTER TABLE item RENAME TO new
-- name: tests: a column renamed
ALTER TABLE item RENAME COLUMN name TO new
-- name: tests: a column dropped
ALTER TABLE item DROP COLUMN qty
-- name: tests: an index dropped if it is there
DROP INDEX IF EXISTS item_name
-- name: tests: a version
PRAGMA user_version = 77
-- name: tests: vacuum as it goes
PRAGMA auto_vacuum = FULL
-- name: tests: a checkpoint
PRAGMA wal_checkpoint(TRUNCATE)
-- name: tests: the columns
PRAGMA table_info(item)
-- name: tests: another database
ATTACH ?1 AS other
-- name: tests: a savepoint
SAVEPOINT mine
-- name: tests: its release
RELEASE mine
-- name: tests: an end
END TRANSACTION
-- name: tests: explained
EXPLAIN INSERT INTO item (name) VALUES ('new')
-- name: tests: at closing
PRAGMA optimize
-- name: tests: the engine's own savepoint
ROLLBACK TO db_core
