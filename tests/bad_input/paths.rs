//! Paths.

use super::*;

#[test]
fn a_folder() {
    let (folder, _path) = folder();
    let nested = folder.path().join("shop.db");
    fs::create_dir(&nested).unwrap();
    let slash = PathBuf::from(format!("{}/", nested.display()));
    for path in [folder.path(), &nested, &slash, Path::new("."), Path::new("/")] {
        for options in [Options::new(), Options::new().read_only(true)] {
            let error = options.open(path).unwrap_err();
            is_open(&error, OpenProblem::Folder);
            says(&error, path, &["is a folder", "add the file's name"]);
        }
    }
    assert_eq!(Contents::of(folder.path()).0.len(), 1);
    assert_eq!(Contents::of(&nested).0.len(), 0);
}

#[test]
fn an_empty_path() {
    let error = Database::open("").unwrap_err();
    is_open(&error, OpenProblem::Empty);
    says(&error, Path::new(""), &["is empty", "give the path of a file"]);
}

#[test]
fn the_name_of_sqlites_memory() {
    let error = Database::open(":memory:").unwrap_err();
    is_open(&error, OpenProblem::Memory);
    says(&error, Path::new(":memory:"), &["Database::open_in_memory()"]);
    assert!(!Path::new(":memory:").exists());
}

#[test]
fn a_missing_parent_folder() {
    let (folder, path) = folder();
    make_file(&path);
    let before = Contents::of(folder.path());
    for path in [
        folder.path().join("no/shop.db"),
        folder.path().join("no/such/folder/shop.db"),
        // A file is no folder.
        path.join("shop.db"),
    ] {
        for options in [Options::new(), Options::new().read_only(true)] {
            let error = options.open(&path).unwrap_err();
            is_open(&error, OpenProblem::NoFolder);
            let parent = path.parent().unwrap().to_str().unwrap();
            says(&error, &path, &[parent, "does not exist", "create_dir_all"]);
        }
    }
    assert_eq!(Contents::of(folder.path()), before);
}

#[test]
fn a_missing_file_that_is_only_to_be_read() {
    let (folder, path) = folder();
    for options in [Options::new().read_only(true), Options::new().create(false)] {
        let error = options.open(&path).unwrap_err();
        is_open(&error, OpenProblem::NoFile);
        says(&error, &path, &["does not exist", "check the path", "leave out"]);
    }
    assert_eq!(Contents::of(folder.path()), Contents(vec![]));
}

#[test]
fn a_path_that_no_file_can_have() {
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("x".repeat(300));
    let error = Database::open(&long).unwrap_err();
    is_open(&error, OpenProblem::Denied);
    says(&error, &long, &["could not be opened"]);

    let nul = folder.path().join("shop\0.db");
    let error = Database::open(&nul).unwrap_err();
    assert!(matches!(error, Error::Open(_)), "{error:?}");
    assert_eq!(Contents::of(folder.path()), Contents(vec![]));
}
