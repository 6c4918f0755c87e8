-- run: README: a table
CREATE TABLE stock (sku TEXT PRIMARY KEY, qty INTEGER NOT NULL)
-- name: README: a query
SELECT qty FROM stock WHERE sku = ?1
