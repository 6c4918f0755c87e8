-- name: a query of nothing
SELECT 1
-- name: how many tables there are
SELECT count(*) FROM sqlite_master
-- name: optimize without tables
PRAGMA optimize
-- name: optimize that only tells, without tables
PRAGMA optimize(-1)
-- name: optimize that does nothing
PRAGMA optimize(0)
-- name: auto_vacuum set while it can be
PRAGMA auto_vacuum = INCREMENTAL
-- name: auto_vacuum unset while it can be
PRAGMA auto_vacuum = 0
-- name: auto_vacuum asked
PRAGMA auto_vacuum
-- name: journal_mode asked
PRAGMA journal_mode
-- name: page_size set while it can be
PRAGMA page_size = 1024
-- name: encoding set while it can be
PRAGMA encoding = 'UTF-16le'
-- name: incremental_vacuum of nothing
PRAGMA incremental_vacuum
-- name: ANALYZE of nothing
ANALYZE
-- name: REINDEX of nothing
REINDEX
-- name: REINDEX of no index
REINDEX binary
-- name: VACUUM of nothing
VACUUM
-- name: VACUUM of the connection's own tables
VACUUM temp
-- name: ANALYZE of the schema's table
ANALYZE sqlite_schema
-- name: ANALYZE of the connection's own tables
ANALYZE temp
-- name: no table dropped
DROP TABLE IF EXISTS nothing_
-- name: no view dropped
DROP VIEW IF EXISTS "no view"
-- name: no index dropped
DROP INDEX IF EXISTS main.no_index
-- name: no trigger dropped
DROP TRIGGER IF EXISTS temp.no_trigger
-- name: the first table
CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY, name TEXT)
-- name: a table of the connection's
CREATE TEMP TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY)
-- run: a table of the connection's, to be written
CREATE TEMP TABLE basket (product_id INTEGER PRIMARY KEY, quantity INTEGER NOT NULL DEFAULT 1)
-- name: a table of the connection's is written
INSERT INTO temp.basket (product_id) VALUES (1)
-- name: a table of the connection's is written by its name alone
UPDATE basket SET quantity = 2
-- name: a table of the connection's is read
SELECT * FROM basket
-- name: a table of the connection's is indexed
CREATE INDEX temp.basket_quantity ON basket (quantity)
-- name: a table of the connection's is dropped
DROP TABLE basket
