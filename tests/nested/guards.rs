//! Guards.

use super::*;

#[test]
fn guards_are_passed_to_annotated_functions() -> Result<()> {
    let db = TestDb::new();
    let writer = db.writer()?;
    add(&writer, "apple")?;
    ensure(&writer, "apple")?;
    failed(add_and_fail(&writer, "lost"));
    assert_eq!(names(&writer)?, ["apple"]);
    writer.savepoint(|w| add(w, "pear"))?;
    let reader = db.reader()?;
    assert_eq!(names(&reader)?, [""; 0]);
    writer.commit()?;
    assert_eq!(names(&reader)?, [""; 0], "its moment is that of the first read");
    assert_eq!(names(&db.reader()?)?, ["apple", "pear"]);
    Ok(())
}
