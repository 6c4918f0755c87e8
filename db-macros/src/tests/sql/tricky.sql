-- run: columns named by keywords that may stand unquoted
CREATE TABLE keyword (begin, end, replace, rollback, savepoint, release, explain, plan, query, temp, with, pragma, vacuum, attach, detach, analyze, reindex, trigger, view, do, abort, ignore, fail, key, recursive, materialized, deferred, immediate, exclusive)
-- run: columns named by keywords that may not
CREATE TABLE "insert" ("into" INTEGER, [values], `select` TEXT, 'commit', "delete from x; --" DEFAULT 'END;', "a""b", `c``d`)
-- run: a table named replace
CREATE TABLE replace (replace PRIMARY KEY, n)
-- run: a table named begin
CREATE TABLE begin (a, b DEFAULT (CASE WHEN 1 THEN 2 ELSE 3 END), "end" AS (a))
-- run: three columns
CREATE TABLE t (a INTEGER PRIMARY KEY, b UNIQUE, c)
-- run: a trigger named end
CREATE TRIGGER end AFTER INSERT ON begin BEGIN SELECT 1; END
-- name: replace() the function
SELECT replace(name, 'a', 'b') FROM product
-- name: replace() and a blank
SELECT REPLACE (name, 'INSERT', 'DELETE') FROM product
-- name: replace() in VALUES
VALUES (replace('a', 'b', 'c'))
-- name: replace() in what writes
UPDATE t SET b = replace(b, ';', '')
-- name: REPLACE into a table named replace
REPLACE INTO replace (replace) VALUES (replace('a', 'a', 'b'))
-- name: a query of a table named replace
SELECT replace.replace FROM replace WHERE replace = replace(replace, replace, replace)
-- name: an update of a table named replace
UPDATE replace SET replace = 1
-- name: a delete from a table named replace
DELETE FROM replace WHERE replace IS NULL
-- name: WITH named replace, a query
WITH replace AS (SELECT 1 AS n) SELECT n FROM replace
-- name: WITH named replace, with columns, a query
WITH replace (n, m) AS (VALUES (1, 2)) SELECT n FROM replace
-- name: WITH named replace, a REPLACE
WITH replace (n) AS (SELECT 1) REPLACE INTO t (a) SELECT n FROM replace
-- name: WITH named begin, a query
WITH begin (end) AS (SELECT 1) SELECT end FROM begin
-- name: WITH named as a statement, in quotes, a query
WITH "DELETE" AS (SELECT 1), [UPDATE] AS (SELECT 2), `INSERT` AS (SELECT 3), 'DROP' AS (SELECT 4) SELECT * FROM "DELETE", [UPDATE], `INSERT`, 'DROP'
-- name: WITH named with
WITH with AS (SELECT 1) SELECT * FROM with
-- name: WITH RECURSIVE named recursive
WITH RECURSIVE recursive AS (SELECT 1) SELECT * FROM recursive
-- name: WITH named materialized, AS MATERIALIZED
WITH materialized AS MATERIALIZED (SELECT 1) SELECT * FROM materialized
-- name: AS NOT MATERIALIZED, before a delete
WITH x (a) AS NOT MATERIALIZED (SELECT 1) DELETE FROM t WHERE a IN x
-- name: AS MATERIALIZED, before an update
WITH x (a) AS MATERIALIZED (SELECT 1), y AS NOT MATERIALIZED (SELECT a FROM x) UPDATE t SET b = (SELECT a FROM y)
-- name: WITH, columns named by keywords
WITH x (replace, begin, end) AS (SELECT 1, 2, 3) SELECT replace, begin, end FROM x
-- name: WITH, a statement's text in it, a query
WITH x AS (SELECT 'INSERT INTO t' AS insert_, ') DELETE FROM t' AS y /* ) UPDATE t SET */ ) SELECT * FROM x
-- name: WITH, a query's text in it, an insert
WITH x AS (SELECT ') SELECT (' AS y) INSERT INTO t (b) SELECT y FROM x
-- name: WITH in WITH, a delete
WITH c AS (WITH d AS (SELECT 1) SELECT * FROM d) DELETE FROM t WHERE a IN c
-- name: WITH in WITH, a query
WITH c AS (WITH d AS (WITH e (n) AS (VALUES (1)) SELECT n FROM e) SELECT * FROM d) SELECT * FROM c
-- name: WITH before VALUES
WITH x AS (SELECT 1) VALUES ((SELECT * FROM x))
-- name: WITH in a subquery
SELECT (WITH x (n) AS (SELECT 1) SELECT n FROM x), EXISTS (WITH y AS (SELECT 2) SELECT * FROM y)
-- name: WITH before UPDATE FROM
WITH x (k, v) AS (SELECT 1, 2) UPDATE t SET b = x.v FROM x WHERE x.k = t.a RETURNING t.a
-- name: WITH RECURSIVE before REPLACE
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) REPLACE INTO t (a) SELECT i FROM n
-- name: WITH RECURSIVE before INSERT
with recursive n(i) as (select 1 union all select i+1 from n limit 3)insert into t(a)select i from n
-- name: WITH RECURSIVE before UPDATE
WITH RECURSIVE n (i) AS (VALUES (1) UNION SELECT i + 1 FROM n WHERE i < 3) UPDATE OR IGNORE t SET a = a + 1 WHERE a IN n
-- name: begin as a column
SELECT begin FROM keyword
-- name: end as a column
SELECT end FROM keyword WHERE end > begin
-- name: end as a column in CASE
SELECT CASE end WHEN 1 THEN end ELSE end END AS end FROM keyword
-- name: keywords as columns
SELECT begin, end, replace, rollback, savepoint, release, explain, plan, query, temp, with, pragma, vacuum, attach, detach, analyze, reindex, trigger FROM keyword
-- name: keywords as aliases, without AS
SELECT a begin, b replace, c 'insert' FROM t end
-- name: keywords as aliases, with AS
SELECT begin.a AS rollback FROM t AS begin JOIN t AS release ON begin.a = release.a
-- name: keywords set
UPDATE keyword SET begin = 1, end = 2, replace = begin, rollback = end WHERE savepoint = release
-- name: keywords inserted
INSERT INTO keyword (begin, end, replace, rollback) VALUES (1, 2, 3, 4) RETURNING begin, end
-- name: a delete by keywords that are there
DELETE FROM keyword WHERE begin AND end OR rollback
-- name: a table begin is read
SELECT "end" FROM begin
-- name: a table begin is written
INSERT INTO begin VALUES (1, 2)
-- name: a table begin is dropped
DROP TABLE begin
-- name: quoted in quotes
SELECT "into", [values], `select`, "commit" FROM "insert"
-- name: quoted otherwise
SELECT `into`, "values", [select], "insert".'commit' FROM 'insert'
-- name: an insert into insert
INSERT INTO "insert" ("into", [values], `select`) VALUES ('SELECT', "select", 1)
-- name: a delete from insert
DELETE FROM [insert]
-- name: an update of insert
UPDATE `insert` SET [values] = "into"
-- name: a column that looks like a delete
SELECT "delete from x; --" FROM "insert"
-- name: doubled quotes in names
SELECT "a""b", `c``d`, "a""b" AS "e"";""f" FROM "insert"
-- name: a bracket has no escape
SELECT 1 AS [a[b], 2 AS [;], 3 AS ["'`]
-- name: a string in double quotes
SELECT "DELETE FROM t; it's" AS "x;y"
-- name: a string with a statement
SELECT 'DELETE FROM t; COMMIT'
-- name: a string with doubled quotes
SELECT 'it''s; DELETE FROM t; ''', '''', '''; BEGIN; '''
-- name: an empty string
SELECT '', "", ';'
-- name: a backslash escapes nothing
SELECT 'C:\', 'DELETE', '\''; DROP TABLE t; --'
-- name: a string over lines
INSERT INTO t (b) VALUES ('first
-- not a comment
; SELECT 1;
/* nor this')
-- name: comment signs in strings
SELECT '--', '/*', "--", "/*", '*/' FROM t
-- name: quotes in a comment
SELECT 1 /* it's "no [string ` */ + 1 -- don't
-- name: a comment instead of blanks
SELECT/**/1/*;*/+/* DELETE */2--;
-- name: a comment first
/* DELETE FROM t; */ SELECT 1
-- name: a line comment first
-- SELECT 1;
DELETE FROM t
-- name: many comments first
-- one
/* two */ -- three
  --
/**//***/
SELECT 1 -- four
-- name: a comment within what writes
INSERT /* SELECT */ INTO -- SELECT
    t (b) /* VALUES ( */ VALUES (1)
-- name: a comment last, without an end
SELECT 1 /* and so on; DELETE FROM t
-- name: a comment last in what writes, without an end
DELETE FROM t /* SELECT
-- name: a line comment last
DELETE FROM t -- WHERE a = 1; SELECT 1
-- name: a comment that seems nested
SELECT 1 /* /* DELETE */ + 2 -- */
-- name: a comment that seems to end where it begins
SELECT 1 /*/ DELETE FROM t; /*/ + 2
-- name: two dashes are not minus minus
SELECT 1 --1; DELETE FROM t
    + 2
-- name: minus minus
SELECT 1 - - 1, - -1, 1 -+-+1
-- name: slashes and stars that are right
SELECT 8 / 2 * 3, 8/2*3, 8 /* 2 */ * 3, count(*)/*all*/ FROM t
-- name: an arrow is not a comment
SELECT profile->'$.a', profile ->> '$.a', profile-->'$.b'
FROM customer
-- name: semicolons before and after
;; ; SELECT 1 ; ;;
-- name: a semicolon and a comment after
SELECT 1; -- DELETE FROM t;
-- name: a semicolon and a comment without an end after
SELECT 1; /* DELETE FROM t;
-- name: a semicolon at once
DELETE FROM t;
-- name: lower case
select a from t where b = 'Delete'
-- name: mixed case
sElEcT a FrOm T uNiOn AlL VaLuEs (1)
-- name: mixed case, writing
iNsErT oR rEpLaCe InTo T (A) vAlUeS (1) On CoNfLiCt Do NoThInG rEtUrNiNg *
-- name: lower case, writing
with x as (select 1) delete from t
-- name: lower case, begin
begin
-- name: nothing between the words but what must be
SELECT"a",'b'FROM"t"WHERE[a]=+1 AND`b`IS NOT"c"
-- name: nothing between the words, writing
INSERT INTO"t"("a")VALUES(1),(2)ON CONFLICT("a")DO UPDATE SET"b"=1
-- name: VALUES without blanks
VALUES(1),(2)
-- name: parameters
SELECT ?, ?1, ?22, :a, :A1, @a, $a, $a::b, $a::b(c), @x::y(1,2)
-- name: a parameter's name with what else would end it
SELECT $a(;--'), 1 FROM t
-- name: a parameter's name with quotes
SELECT $a::b("DELETE), :c(/*), 1
-- name: parameters, writing
INSERT INTO t VALUES (?, :begin, $delete)
-- name: blobs
SELECT x'', X'00', x'DEADbeef' || "x", 'x'
-- name: a blob is not x and a string
DELETE FROM t WHERE b = x'3B2D2D'
-- name: numbers
SELECT 1, 1., .5, 1.5e3, 1E-3, 1e+3, 0x1F, 0XabCD, 1_000, 1_0.2_5e1_0, -0x1, 9223372036854775808
-- name: numbers against words
SELECT a FROM t WHERE a=1 OR a=.5 OR a=0x1F OR a=5. AND+1
-- name: operators
SELECT 1 + 2 - 3 * 4 / 5 % 6, 1 << 2 >> 1 & 3 | 4, ~1, 'a' || 'b', 1 = 1, 1 == 1, 1 <> 2, 1 != 2, 1 < 2, 1 <= 2, NOT 1 > 2, 1 >= 2
-- name: operators of words
SELECT 1 AND 0 OR NOT 1, 1 IS 1, 1 IS NOT 2, 1 IN (1, 2), 1 NOT IN (), 1 BETWEEN 0 AND 2, 'a' LIKE 'A', 'a' NOT GLOB 'A', 1 COLLATE nocase
-- name: functions named by keywords
SELECT like('a', 'b'), glob('a', 'b'), if(1, 2, 3), coalesce(1, 2), "replace"('a', 'b', 'c'), abs(-1), random()
-- name: a type named by a keyword
SELECT CAST(a AS begin), CAST(a AS "DELETE FROM"), CAST(b AS VARCHAR (10, 2)) FROM t
-- name: CASE within CASE
SELECT CASE WHEN a THEN CASE b WHEN 1 THEN 'END' END ELSE CASE WHEN c THEN 2 END END FROM t
-- name: CASE in what writes
UPDATE t SET b = CASE WHEN a > 1 THEN 'BEGIN' ELSE c END WHERE CASE a WHEN 1 THEN 0 END
-- name: brackets many deep
SELECT ((((((((1)))))))), (SELECT (SELECT (SELECT (VALUES (1)))))
-- name: words of other alphabets
SELECT a AS größe, b AS "žluťoučký", c AS 値, a AS begin_é, 'ß; DELETE' FROM t
-- name: a dollar and digits in words
SELECT a AS a$b, b AS _1, c AS select1, 1 AS "1" FROM t
-- name: words that begin as keywords
SELECT 1 AS deleted, 2 AS updates, 3 AS insert_into, 4 AS drop_, 5 AS commits, 6 AS begins FROM t AS replaced
-- name: SELECT without a table, with WHERE
SELECT 1 WHERE 'commit' = "commit"
-- name: a default that is a statement
CREATE TABLE x (a DEFAULT 'BEGIN; END', b CHECK (b <> ';'), "c;d" AS (a || ';'))
-- name: a table named by a string
CREATE TABLE 'x;y' ("select" PRIMARY KEY, [from], `where`)
-- name: a table from WITH
CREATE TABLE x AS WITH d (n) AS (SELECT 1) SELECT n FROM d
-- name: a view from WITH
CREATE VIEW x (n) AS WITH d (n) AS (SELECT 1) SELECT n FROM d
-- name: a view of a view's words
CREATE VIEW trigger AS SELECT begin, end FROM keyword
-- name: a table named trigger
CREATE TABLE trigger (begin, end)
-- name: an index named trigger
CREATE INDEX trigger ON keyword (begin, end)
-- name: a temporary table named trigger
CREATE TEMP TABLE trigger AS SELECT begin FROM keyword
-- name: a trigger named trigger
CREATE TRIGGER trigger INSERT ON t BEGIN SELECT 1; SELECT 2; END
-- name: a trigger named begin, on begin
CREATE TRIGGER begin BEFORE UPDATE OF a, "end" ON begin BEGIN SELECT 1; END
-- name: a trigger whose columns are begin and end
CREATE TRIGGER x UPDATE OF begin, end ON keyword WHEN new.begin <> old.end BEGIN UPDATE keyword SET end = begin; DELETE FROM keyword WHERE end; END
-- name: a trigger whose WHEN ends with end
CREATE TRIGGER x AFTER DELETE ON keyword WHEN CASE old.end WHEN 1 THEN 2 END BEGIN SELECT end FROM keyword; SELECT CASE 1 WHEN 1 THEN end END end FROM keyword; END;
-- name: a trigger with END in strings and comments
CREATE TRIGGER x AFTER INSERT ON t BEGIN
    SELECT '; END;', "; END", [; END] FROM (SELECT 1 AS [; END]); -- ; END;
    INSERT INTO t (b) VALUES ('; END'); /* ; END; */
END
-- name: a trigger with an upsert
CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW BEGIN
    INSERT INTO counter VALUES ('t', 1) ON CONFLICT (name) DO UPDATE SET n = n + 1;
END -- of it
-- name: a trigger with every comment
CREATE /* TABLE */ TEMP /* ; */ TRIGGER -- ;
    IF NOT EXISTS main_x AFTER INSERT /* BEGIN */ ON t /* END */ BEGIN /* END; */ SELECT 1 /* ; */ ; /* ; */ END /* ; */ ;
-- name: a trigger in lower case without blanks
create trigger"x"after insert on"t"begin select 1;replace into"counter"values('x',1);end;
-- name: a trigger without the word for when
CREATE TRIGGER x DELETE ON t BEGIN DELETE FROM counter; END
-- name: a full text table with words as columns
CREATE VIRTUAL TABLE x USING fts5("begin", [end], 'select', tokenize = "porter ascii", prefix = 3)
-- name: a semicolon in a virtual table's arguments ends nothing
CREATE VIRTUAL TABLE x USING fts5(a; DELETE FROM t, b; END)
-- name: a column added with a statement as default
ALTER TABLE t ADD COLUMN "update" TEXT DEFAULT 'DELETE FROM t;'
-- name: a column renamed to begin
ALTER TABLE keyword RENAME COLUMN end TO commit_
-- name: a table renamed to replace
ALTER TABLE t RENAME TO "begin; end"
-- name: EXPLAIN of a query
EXPLAIN SELECT * FROM t
-- name: EXPLAIN QUERY PLAN of a query
EXPLAIN QUERY PLAN SELECT * FROM t WHERE a = 1
-- name: EXPLAIN of an insert
EXPLAIN INSERT INTO t VALUES (1, 2, 3)
-- name: EXPLAIN of an update
explain update t set b = 1
-- name: EXPLAIN QUERY PLAN of a delete
EXPLAIN QUERY PLAN DELETE FROM t WHERE a = 1
-- name: EXPLAIN of REPLACE
EXPLAIN REPLACE INTO t VALUES (1, 2, 3)
-- name: EXPLAIN of WITH and an insert
EXPLAIN QUERY PLAN WITH x AS (SELECT 1) INSERT INTO t (a) SELECT * FROM x
-- name: EXPLAIN of a table
EXPLAIN CREATE TABLE x (a)
-- name: EXPLAIN of a trigger
EXPLAIN CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; DELETE FROM t; END
-- name: EXPLAIN QUERY PLAN of a trigger
EXPLAIN QUERY PLAN CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; DELETE FROM t; END;
-- name: EXPLAIN of a drop
EXPLAIN DROP TABLE t
-- name: EXPLAIN of BEGIN
EXPLAIN BEGIN IMMEDIATE
-- name: EXPLAIN of COMMIT
EXPLAIN COMMIT
-- name: EXPLAIN of SAVEPOINT
EXPLAIN SAVEPOINT x
-- name: EXPLAIN of ATTACH
EXPLAIN ATTACH ':memory:' AS x
-- name: EXPLAIN of a pragma
EXPLAIN PRAGMA user_version = 3
-- name: EXPLAIN of a journal mode
EXPLAIN PRAGMA journal_mode = WAL
-- name: EXPLAIN of VACUUM
EXPLAIN VACUUM
-- name: EXPLAIN of ANALYZE
EXPLAIN QUERY PLAN ANALYZE
-- name: EXPLAIN with comments
/* a */ EXPLAIN /* b */ QUERY -- c
PLAN /* d */ DELETE FROM t
-- name: BEGIN
BEGIN
-- name: BEGIN TRANSACTION
BEGIN TRANSACTION
-- name: BEGIN with a name
BEGIN TRANSACTION delete_it
-- name: BEGIN DEFERRED
BEGIN DEFERRED
-- name: BEGIN IMMEDIATE
BEGIN IMMEDIATE TRANSACTION
-- name: BEGIN EXCLUSIVE
Begin Exclusive Transaction "x;y";
-- name: COMMIT
COMMIT
-- name: COMMIT TRANSACTION
commit transaction x
-- name: END
END
-- name: END TRANSACTION
/* begin */ END TRANSACTION;
-- name: ROLLBACK
ROLLBACK
-- name: ROLLBACK TRANSACTION
ROLLBACK TRANSACTION
-- name: ROLLBACK TO
ROLLBACK TO here
-- name: ROLLBACK TO SAVEPOINT
ROLLBACK TO SAVEPOINT "rollback"
-- name: ROLLBACK TRANSACTION TO
ROLLBACK TRANSACTION TO here
-- name: ROLLBACK of a named transaction TO
rollback /* all */ transaction tx to savepoint begin
-- name: ROLLBACK of a transaction named to
ROLLBACK TRANSACTION "to"
-- name: SAVEPOINT
SAVEPOINT here
-- name: SAVEPOINT named by keywords
SAVEPOINT savepoint
-- name: SAVEPOINT named by a string
SAVEPOINT 'commit; end'
-- name: RELEASE
RELEASE here
-- name: RELEASE SAVEPOINT
RELEASE SAVEPOINT release
-- name: ATTACH
ATTACH ':memory:' AS other
-- name: ATTACH DATABASE
ATTACH DATABASE ?1 || '.db' AS "delete"
-- name: ATTACH with a key
attach 'file::memory:?cache=private' as database key 'x'
-- name: DETACH
DETACH other
-- name: DETACH DATABASE
DETACH DATABASE "delete"
-- name: a pragma asked
PRAGMA user_version
-- name: a pragma of a schema asked
PRAGMA main.user_version
-- name: user_version set
PRAGMA user_version = 3
-- name: user_version set, as a function
PRAGMA user_version(3)
-- name: user_version set, with quotes and signs
pragma "main" . [user_version]=-3
-- name: user_version set to a string
PRAGMA 'user_version' = '3'
-- name: application_id set
PRAGMA main.application_id = 0x1234
-- name: application_id asked
PRAGMA application_id;
-- name: schema_version set
PRAGMA schema_version = 7
-- name: schema_version asked
PRAGMA schema_version
-- name: data_version cannot be set
PRAGMA data_version = 3
-- name: freelist_count
PRAGMA freelist_count
-- name: journal_mode asked
PRAGMA journal_mode
-- name: journal_mode of a schema asked
PRAGMA main.journal_mode
-- name: journal_mode set
PRAGMA journal_mode = WAL
-- name: journal_mode set to a keyword
PRAGMA journal_mode = DELETE
-- name: journal_mode set, as a function
PRAGMA journal_mode(truncate)
-- name: journal_mode set to what is none
PRAGMA journal_mode = whatever
-- name: a checkpoint
PRAGMA wal_checkpoint
-- name: a checkpoint of a kind
PRAGMA main.wal_checkpoint(TRUNCATE)
-- name: a checkpoint, as a setting
PRAGMA wal_checkpoint = FULL
-- name: incremental_vacuum
PRAGMA incremental_vacuum
-- name: incremental_vacuum of some
PRAGMA incremental_vacuum(10)
-- name: auto_vacuum set
PRAGMA auto_vacuum = FULL
-- name: auto_vacuum incremental
PRAGMA auto_vacuum = INCREMENTAL
-- name: auto_vacuum asked
PRAGMA auto_vacuum
-- name: optimize
PRAGMA optimize
-- name: optimize with a mask
PRAGMA optimize(0x10002)
-- name: optimize of a schema
pragma main.OPTIMIZE
-- name: optimize that only tells
PRAGMA optimize(-1)
-- name: foreign_keys set
PRAGMA foreign_keys = OFF
-- name: foreign_keys asked
PRAGMA foreign_keys
-- name: a flag set to a keyword
PRAGMA recursive_triggers = ON
-- name: synchronous set
PRAGMA synchronous = NORMAL
-- name: synchronous of a schema
PRAGMA main.synchronous(2)
-- name: cache_size set
PRAGMA cache_size = -64000
-- name: default_cache_size set
PRAGMA default_cache_size = 100
-- name: default_cache_size asked
PRAGMA default_cache_size
-- name: page_size set
PRAGMA page_size = 8192
-- name: page_count
PRAGMA page_count
-- name: max_page_count set
PRAGMA max_page_count = 100
-- name: max_page_count asked
PRAGMA max_page_count
-- name: secure_delete set
PRAGMA secure_delete = FAST
-- name: encoding set
PRAGMA encoding = 'UTF-16'
-- name: encoding asked
PRAGMA encoding
-- name: locking_mode set
PRAGMA locking_mode = EXCLUSIVE
-- name: locking_mode asked
PRAGMA locking_mode
-- name: temp_store set
PRAGMA temp_store = MEMORY
-- name: mmap_size set
PRAGMA mmap_size = 268435456
-- name: busy_timeout set
PRAGMA busy_timeout = 100
-- name: query_only set
PRAGMA query_only = 1
-- name: query_only asked
PRAGMA query_only
-- name: writable_schema set
PRAGMA writable_schema = ON
-- name: writable_schema reset
PRAGMA writable_schema = RESET
-- name: case_sensitive_like set
PRAGMA case_sensitive_like = ON
-- name: shrink_memory
PRAGMA shrink_memory
-- name: wal_autocheckpoint set
PRAGMA wal_autocheckpoint = 1000
-- name: journal_size_limit set
PRAGMA journal_size_limit = 1000000
-- name: analysis_limit set
PRAGMA analysis_limit = 400
-- name: cache_spill set
PRAGMA cache_spill = false
-- name: defer_foreign_keys set
PRAGMA defer_foreign_keys = ON
-- name: integrity_check
PRAGMA integrity_check
-- name: integrity_check of a table
PRAGMA integrity_check('t')
-- name: integrity_check, some
PRAGMA integrity_check = 10
-- name: quick_check
PRAGMA main.quick_check(10)
-- name: foreign_key_check
PRAGMA foreign_key_check
-- name: foreign_key_check of a table
PRAGMA foreign_key_check(order_line)
-- name: table_info
PRAGMA table_info(product)
-- name: table_info, as if set
PRAGMA table_info = product
-- name: table_xinfo of a schema
PRAGMA main.table_xinfo("insert")
-- name: table_list
PRAGMA table_list
-- name: index_list
PRAGMA index_list('product')
-- name: index_info
PRAGMA index_info([product_low])
-- name: foreign_key_list
PRAGMA foreign_key_list(order_line)
-- name: database_list
PRAGMA database_list
-- name: compile_options
PRAGMA compile_options
-- name: function_list
PRAGMA function_list
-- name: stats
PRAGMA stats
-- name: a pragma that does not exist
PRAGMA delete_everything
-- name: a pragma that does not exist, set
PRAGMA main.replace = delete
-- name: a pragma with comments
PRAGMA /* main */ main /* . */ . -- user_version
    user_version /* = 3 */
-- name: a pragma as a table
SELECT name FROM pragma_table_info('product') WHERE pk
-- name: a pragma as a table, without brackets
SELECT user_version FROM pragma_user_version
-- name: a pragma as a table, journal_mode
SELECT * FROM pragma_journal_mode, main.pragma_application_id
-- name: a pragma as a table, of a schema
SELECT l.name FROM pragma_table_list('product') AS l, pragma_index_list(l.name)
-- name: a pragma as a table, optimize
SELECT * FROM pragma_optimize(-1)
-- name: a write reads a pragma
INSERT INTO t (b) SELECT name FROM pragma_database_list
-- name: random bytes
SELECT hex(randomblob(16)), zeroblob(10), quote('DELETE'), char(59), unicode(';')
-- name: load_extension() reads, going by SQLite
SELECT load_extension('none')
-- name: a write into a full text table's own tables
INSERT INTO product_text_config VALUES ('x', 1)
-- name: a write into the statistics
DELETE FROM sqlite_stat1
-- name: a write into the sequence
UPDATE sqlite_sequence SET seq = 0 WHERE name = 'restock'
-- name: ON CONFLICT with words
INSERT INTO t (b) VALUES (1) ON CONFLICT (b COLLATE binary) WHERE b IS NOT NULL DO UPDATE SET b = excluded.b, (a, c) = (1, 2) WHERE true
-- name: INSERT with a join that is no upsert
INSERT INTO t (a) SELECT x.a FROM t AS x JOIN t AS y ON x.a = y.a WHERE 1
-- name: INSERT with a name for the table
INSERT INTO main.t AS begin (a) VALUES (1) ON CONFLICT DO UPDATE SET b = begin.b
-- name: INDEXED BY and NOT INDEXED in what writes
DELETE FROM t NOT INDEXED WHERE a = 1
-- name: a window named by a keyword
SELECT sum(a) OVER begin FROM t WINDOW begin AS (ORDER BY a ROWS 1 PRECEDING)
-- name: filter, over, window as names
SELECT filter, over, window FROM (SELECT 1 AS filter, 2 AS over, 3 AS window)
-- name: compounds of VALUES
SELECT 1 UNION VALUES (2) EXCEPT SELECT 3
-- name: a table-valued function and a keyword
SELECT key, value FROM json_each('[1]') AS replace WHERE replace.key
-- name: ISNULL as blanks have it
SELECT a ISNULL, b NOTNULL, c IS NOT DISTINCT FROM a FROM t
-- name: rowid in all its names
SELECT rowid, _rowid_, oid FROM t
-- name: true and false are words
SELECT true, false, t.x FROM (SELECT 1 AS x) AS t WHERE true IS NOT false
-- name: current_time as a column
SELECT current_time, current_date, current_timestamp FROM t
-- name: LIMIT with a comma and words
SELECT a FROM t LIMIT 1 OFFSET (SELECT 2)
-- name: a query that orders by CASE
SELECT a FROM t ORDER BY CASE WHEN b THEN 1 ELSE 2 END DESC NULLS FIRST, c COLLATE nocase ASC
-- name: GLOB and REGEXP signs
SELECT a FROM t WHERE b GLOB '*[^;]*' OR b LIKE '%;DELETE%' ESCAPE ';'
