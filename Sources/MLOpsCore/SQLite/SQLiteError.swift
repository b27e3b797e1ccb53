import CSQLite
import Foundation

extension SQLiteConnection {
    /// The error of a failed call, in the library's terms and without values.
    func error(_ code: Int32) -> any Error {
        let error = cause(of: code)
        guard var reported = error as? StoreError else { return error }
        reported.isReported = true
        return reported
    }

    private func cause(of code: Int32) -> any Error {
        // SQLite keeps the system error of a statement; that of a commit is only in `errno`.
        let causes = [errno, sqlite3_system_errno(handle)]
        let extended = sqlite3_extended_errcode(handle)
        // SQLite's messages name tables, columns and constraints, never values.
        let text = String(cString: sqlite3_errmsg(handle))
        switch code & 0xFF {
        case SQLITE_CONSTRAINT: return constraintError(extended, text)
        // SQLite reports a failed read of a statement as damage.
        case SQLITE_CORRUPT where causes[0] == EIO || causes[0] == ENXIO:
            return Self.error(
                code: SQLITE_IOERR, extended: SQLITE_IOERR, text: "disk I/O error", path: path)
        // SQLite reports an exceeded quota or file-size limit as an I/O error, not as a full disk.
        case SQLITE_IOERR where causes.contains(EDQUOT) || causes.contains(EFBIG):
            return Self.error(
                code: SQLITE_FULL, extended: SQLITE_FULL, text: text, path: path)
        case SQLITE_INTERRUPT, SQLITE_BUSY:
            do {
                try interruption.check()
            } catch {
                return error
            }
            if code & 0xFF == SQLITE_INTERRUPT { return CancellationError() }
            return Self.error(code: code, extended: extended, text: text, path: path)
        default: return Self.error(code: code, extended: extended, text: text, path: path)
        }
    }

    static func error(code: Int32, extended: Int32, text: String, path: String) -> StoreError {
        switch code & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED:
            StoreError(
                .busy,
                "Another connection kept \(path) locked for longer than the busy timeout; "
                    + "repeat the call, or raise `busyTimeout`.")
        case SQLITE_FULL:
            StoreError(
                .diskFull,
                "The disk or the file-size limit is full; nothing of the transaction was kept. "
                    + "Free space and repeat it.")
        case SQLITE_READONLY:
            StoreError(
                .readOnly,
                "\(path) cannot be written; check its permissions and those of "
                    + "its directory.")
        case SQLITE_CANTOPEN:
            StoreError(
                .cannotOpen,
                "\(path) cannot be opened or created; check that its directory exists and can be "
                    + "written.")
        case SQLITE_NOTADB:
            StoreError(.notADatabase, "\(path) is not a SQLite database.")
        case SQLITE_CORRUPT:
            StoreError(
                .corrupt,
                "\(path) is damaged (\(text)); run `mlops db verify`, and put a backup in its "
                    + "place with `mlops db restore`.")
        case SQLITE_IOERR:
            StoreError(.inputOutput, "Reading or writing \(path) failed (\(text), \(extended)).")
        case SQLITE_TOOBIG:
            StoreError(.invalidValue, "A value is larger than SQLite takes.")
        default: StoreError(.database, "SQLite says: \(text) (\(extended)).")
        }
    }

    private func constraintError(_ extended: Int32, _ text: String) -> StoreError {
        let subject = text.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? text
        switch extended {
        case csqlite_constraint_unique, csqlite_constraint_primary_key:
            return uniqueError(subject)
        case csqlite_constraint_foreign_key:
            return StoreError(
                .foreignKeyViolation,
                "A row refers to one that does not exist in this organization, "
                    + "or is still referred to.")
        case csqlite_constraint_check:
            return Self.migrations.checkViolation(of: subject)
        case csqlite_constraint_not_null:
            return StoreError(.checkViolation, "`\(subject)` needs a value.", field: subject)
        case csqlite_constraint_trigger where text.hasPrefix("UNIQUE constraint failed: "):
            return uniqueError(subject)
        case csqlite_constraint_trigger:
            return StoreError(.permissionDenied, "\(text).")
        default:
            return StoreError(.checkViolation, "A value breaks a rule of the schema: \(text).")
        }
    }

    /// The error for a violated unique index, which names the index as PostgreSQL does.
    ///
    /// SQLite itself reports only the columns.
    private func uniqueError(_ subject: String) -> StoreError {
        let columns = subject.split(separator: ", ").map { String($0) }
        let table = columns.first?.split(separator: ".").first.map(String.init) ?? ""
        let names = columns.compactMap { $0.split(separator: ".").last.map(String.init) }
        let index = (try? uniqueIndex(of: table, on: names)) ?? nil
        let list = names.filter { $0 != "organization_id" }.joined(separator: ", ")
        return StoreError(
            .alreadyExists,
            "There is already a row in \(table) with this \(list).",
            field: index ?? "\(table)_pkey")
    }

    private func uniqueIndex(of table: String, on columns: [String]) throws -> String? {
        var found: String?
        try query(
            """
            SELECT l.name, (SELECT group_concat(name) FROM (SELECT i.name FROM \
            pragma_index_info(l.name) i ORDER BY i.seqno)) FROM pragma_index_list(\(table)) l \
            WHERE l."unique" AND l.origin = 'c'
            """
        ) { row in
            let name: String = try row.next()
            guard try row.next(String.self) == columns.joined(separator: ",") else {
                return true
            }
            found = name
            return false
        }
        return found
    }
}
