-- name: replace() the function
SELECT replace(name, 'a', 'b') FROM product
-- name: BEGIN
BEGIN
