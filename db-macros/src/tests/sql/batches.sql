-- name: 0: nothing

-- name: 0: blanks and semicolons
 ;; ;

;
-- name: 0: comments alone
-- DELETE FROM t;
/* DROP TABLE t; */ ; -- COMMIT
/* and no end
-- name: 1: a statement between empty ones
;; /* a */ ; SELECT 1 ;; -- b
;
-- name: 2: two statements
SELECT 1; DELETE FROM t
-- name: 2: two statements that end
SELECT 1;DELETE FROM t;
-- name: 3: a table, a row, a query
CREATE TABLE x (a);
INSERT INTO x VALUES ('1; 2');
SELECT * FROM x;
-- name: 3: a transaction
BEGIN IMMEDIATE; UPDATE t SET b = 1; COMMIT
-- name: 4: a savepoint
SAVEPOINT begin; DELETE FROM t; ROLLBACK TO begin; RELEASE begin;
-- name: 2: a trigger and a query
CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; DELETE FROM counter; END; SELECT 2
-- name: 3: a trigger between queries
SELECT 'BEGIN'; CREATE TEMP TRIGGER IF NOT EXISTS x AFTER INSERT ON main.t BEGIN
    SELECT CASE WHEN new.a THEN 1 END;
END; SELECT 'END';
-- name: 3: two triggers and an end
CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END;
CREATE TRIGGER y AFTER DELETE ON t BEGIN SELECT 2; SELECT 3; END;
END
-- name: 3: a table named trigger hides no end
CREATE TABLE trigger (begin, end); SELECT begin FROM trigger; END
-- name: 3: a temporary table named trigger hides no end
CREATE TEMP TABLE trigger (begin); SELECT begin FROM trigger; COMMIT
-- name: 3: a view named trigger hides no end
CREATE VIEW trigger AS SELECT end, begin FROM keyword; SELECT begin FROM trigger; END
-- name: 2: an index named trigger hides nothing
CREATE INDEX trigger ON keyword (begin); DELETE FROM keyword
-- name: 2: a trigger that is explained
EXPLAIN CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; DELETE FROM t; END; DELETE FROM t
-- name: 2: a trigger whose query plan is explained
EXPLAIN QUERY PLAN CREATE TRIGGER x DELETE ON t BEGIN SELECT 1; SELECT 2; END; SELECT 3
-- name: 2: a trigger whose last query's column is end
CREATE TRIGGER x AFTER INSERT ON keyword BEGIN SELECT begin, end FROM keyword; SELECT 1 AS end; END; SELECT 1
-- name: 2: a trigger on a table named begin, when end
CREATE TRIGGER x AFTER UPDATE OF "end", b ON begin WHEN new."end" BEGIN UPDATE begin SET a = 1; END; SELECT "end" FROM begin
-- name: 2: a trigger with comments before its end
CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; /* END; */ -- END;
END /* of it */; -- SELECT 1;
DELETE FROM t
-- name: 2: CASE ... END is no trigger's
SELECT CASE 1 WHEN 1 THEN 'BEGIN' END; END
-- name: 2: strings with semicolons
SELECT ';', "; ""; ", [;] FROM (SELECT 1 AS [;]); SELECT `;```
FROM (SELECT 1 AS `;```)
-- name: 2: comments with semicolons
SELECT 1 -- ; DELETE FROM t
; /* ; */ SELECT /* ; */ 2 /* ; */
-- name: 1: what a comment without an end hides
SELECT 1 /* ; DELETE FROM t; COMMIT
-- name: 2: parameters with semicolons
SELECT $a(;), $b(';); DELETE FROM t -- '
-- name: 5: settings
PRAGMA foreign_keys = ON; PRAGMA user_version = 3; PRAGMA user_version; PRAGMA table_info(t); PRAGMA optimize
-- name: 4: schema changes, each needs the one before
CREATE TABLE x (a, b); ALTER TABLE x RENAME COLUMN a TO c; CREATE INDEX x_c ON x (c); DROP TABLE x
-- name: 3: another database
ATTACH ':memory:' AS other; CREATE TABLE other.x (a); DETACH other
-- name: 2: a query and a write in WITH
WITH x AS (SELECT 1) SELECT * FROM x; WITH x AS (SELECT 1) DELETE FROM t
-- name: 3: EXPLAIN holds for one statement
EXPLAIN DELETE FROM t; DELETE FROM t; EXPLAIN QUERY PLAN SELECT 1
-- name: 5: benchmarks: the set-up
CREATE TABLE orders (id INTEGER PRIMARY KEY, sku INTEGER NOT NULL, qty INTEGER NOT NULL);
    CREATE TABLE hits (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);
    INSERT INTO hits VALUES (1, 0);
    CREATE TABLE stock (sku INTEGER PRIMARY KEY, name TEXT NOT NULL, qty INTEGER NOT NULL);
    WITH RECURSIVE skus (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM skus WHERE n < 1000)
        INSERT INTO stock SELECT n, 'product ' || n, n % 50 FROM skus;
-- name: 2: inventory: a connection's settings
PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL
-- name: 5: tests: the shop
CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO item (name) VALUES ('old');
             CREATE VIEW seen AS SELECT name FROM item;
             CREATE TRIGGER into_seen INSTEAD OF INSERT ON seen
                 BEGIN INSERT INTO item (name) VALUES (new.name); END;
             CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT);
-- name: 2: tests: settings and VACUUM
PRAGMA foreign_keys = OFF; VACUUM
