import MLOpsCore

/// The permission that a call requires: the name of a line of ``PermissionTable/answers``.
enum Permission: String, CaseIterable {
    case everybody, members, organizationOwners, admins, nobody
    case readers, contributors, maintainers, owners
    case anyMaintainer, adminsSee, maintainersSee, adminsAct
}

/// The specification of permissions, which the scenarios compare the store with.
///
/// `ok`: the call succeeds, or fails as it would for an owner. `denied`: `.permissionDenied`.
/// `absent`: `.notFound`, `nil`, no rows, or zero, where an owner gets rows.
enum PermissionTable {
    /// The levels by role in the organization and in the project.
    ///
    /// The columns `private` and `organization` are the project's visibility.
    ///
    /// Owners and admins of the organization act as owners of every project. Its viewers only read,
    /// whatever their role in the project.
    static let standings = """
        organization  project       private   organization
        owner         owner         org       org
        owner         maintainer    org       org
        owner         contributor   org       org
        owner         viewer        org       org
        owner         none          org       org
        admin         owner         admin     admin
        admin         maintainer    admin     admin
        admin         contributor   admin     admin
        admin         viewer        admin     admin
        admin         none          admin     admin
        member        owner         owner     owner
        member        maintainer    maint     maint
        member        contributor   contr     contr
        member        viewer        viewer    viewer
        member        none          hidden    viewer
        viewer        owner         reader    reader
        viewer        maintainer    reader    reader
        viewer        contributor   reader    reader
        viewer        viewer        reader    reader
        viewer        none          blind     reader
        """

    /// The answers to the calls of each ``Permission``, by level.
    ///
    /// - `org`, `admin`: an owner or admin of the organization.
    /// - `owner`, `maint`, `contr`, `viewer`: a member of the organization with this role in every
    ///   project; `viewer` also a member without a role who sees the project.
    /// - `hidden`: a member of the organization who does not see the project.
    /// - `reader`, `blind`: a viewer of the organization who sees, or does not see, the project.
    private static let answers = """
        level               org    admin  owner  maint  contr  viewer hidden reader blind
        everybody           ok     ok     ok     ok     ok     ok     ok     ok     ok
        members             ok     ok     ok     ok     ok     ok     ok     denied denied
        organizationOwners  ok     denied denied denied denied denied denied denied denied
        admins              ok     ok     denied denied denied denied denied denied denied
        nobody              denied denied denied denied denied denied denied denied denied
        readers             ok     ok     ok     ok     ok     ok     absent ok     absent
        contributors        ok     ok     ok     ok     ok     denied absent denied absent
        maintainers         ok     ok     ok     ok     denied denied absent denied absent
        owners              ok     ok     ok     denied denied denied absent denied absent
        anyMaintainer       ok     ok     ok     ok     denied denied denied denied denied
        adminsSee           ok     ok     absent absent absent absent absent absent absent
        maintainersSee      ok     ok     ok     ok     absent absent absent absent absent
        adminsAct           ok     ok     denied denied absent absent absent absent absent
        """

    /// The answer to the calls of each permission at each level.
    static func answersByLevel() throws -> [Permission: [String: String]] {
        let lines = words(of: answers)
        let levels = lines[0].dropFirst()
        var rows: [Permission: [String: String]] = [:]
        for words in lines.dropFirst() {
            guard let permission = Permission(rawValue: words[0]), words.count == 10,
                words.dropFirst().allSatisfy(Set(["ok", "denied", "absent"]).contains),
                rows.updateValue(
                    Dictionary(uniqueKeysWithValues: zip(levels, words.dropFirst())),
                    forKey: permission) == nil
            else { throw unreadable(words) }
        }
        return rows
    }

    /// The levels of each standing, by the visibility of the project.
    static func levels() throws -> [(standing: Standing, levels: [ProjectVisibility: String])] {
        try words(of: standings).dropFirst().map { words in
            guard words.count == 4, let organization = OrganizationRole(rawValue: words[0]) else {
                throw unreadable(words)
            }
            let project = ProjectRole(rawValue: words[1])
            guard project != nil || words[1] == "none" else { throw unreadable(words) }
            return (
                Standing(organization: organization, project: project),
                [.private: words[2], .organization: words[3]]
            )
        }
    }

    private static func words(of text: String) -> [[String]] {
        text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    }

    private static func unreadable(_ words: [String]) -> StoreError {
        StoreError(.invalidValue, "The table has a line of its own kind: \(words).")
    }
}

/// A role in the organization, and one in its projects.
struct Standing: Sendable, Hashable, CustomStringConvertible {
    let organization: OrganizationRole
    let project: ProjectRole?

    var description: String {
        "organization \(organization.rawValue), project \(project?.rawValue ?? "none")"
    }
}
