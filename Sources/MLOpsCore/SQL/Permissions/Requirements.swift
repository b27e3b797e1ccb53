/// The rules: which role each action takes.
///
/// ``Authority`` applies them, and nothing else decides. To read a row takes to see its project;
/// see ``SQLTransaction/visible(_:as:)``.
enum Requirements {
    /// The least role in the project, for rows that hang on one.
    static let ofProject: [String: (write: ProjectRole, delete: ProjectRole, purge: ProjectRole)] =
        [
            "projects": (write: .owner, delete: .owner, purge: .owner),
            "project_members": (write: .owner, delete: .owner, purge: .owner),
            "models": (write: .contributor, delete: .maintainer, purge: .owner),
            "model_versions": (write: .contributor, delete: .contributor, purge: .owner),
            "experiments": (write: .contributor, delete: .contributor, purge: .owner),
            "experiment_runs": (write: .contributor, delete: .contributor, purge: .owner),
            "run_metrics": (write: .contributor, delete: .owner, purge: .owner),
            "deployments": (write: .maintainer, delete: .maintainer, purge: .owner),
            "deployment_history": (write: .maintainer, delete: .owner, purge: .owner),
            "model_monitoring": (write: .maintainer, delete: .owner, purge: .owner),
            "data_drift_reports": (write: .maintainer, delete: .owner, purge: .owner),
            "alerts": (write: .maintainer, delete: .owner, purge: .owner),
            "notification_rules": (write: .maintainer, delete: .maintainer, purge: .owner),
        ]
}

extension TableMapped {
    /// The rule of the row's table.
    package func requirement(
        to action: PermissionAction, by user: Identifier<User>
    ) -> Requirement { Self.requirement(to: action) }

    /// The rule of the table; without one, only an owner of the organization may.
    static func requirement(to action: PermissionAction) -> Requirement {
        guard let rule = Requirements.ofProject[table.name] else { return .organization(.owner) }
        return switch action {
        case .read: .project(.viewer)
        case .write: .project(rule.write)
        case .delete: .project(rule.delete)
        case .purge: .project(rule.purge)
        }
    }
}

extension Requirement {
    /// What hangs on no project is the organization's: everybody reads it, admins write it.
    fileprivate static func outsideProjects(_ action: PermissionAction) -> Requirement {
        .organization(action == .read ? .viewer : .admin)
    }
}

// MARK: - Rules that depend on the row

extension Organization {
    /// Settings are for admins, its end for owners.
    package func requirement(
        to action: PermissionAction, by user: Identifier<User>
    ) -> Requirement {
        switch action {
        case .read: .organization(.viewer)
        case .write: .organization(.admin)
        case .delete, .purge: .organization(.owner)
        }
    }
}

extension OrganizationMembership {
    /// Admins look after members, owners after owners too; anybody may leave.
    package func requirement(
        to action: PermissionAction, by user: Identifier<User>
    ) -> Requirement {
        if action == .read || action == .delete && userID == user && deletedAt == nil {
            return .organization(.viewer)
        }
        return .organization(role == .owner ? .owner : .admin)
    }
}

extension ModelVersion {
    /// What is in production is the maintainers'.
    package func requirement(
        to action: PermissionAction, by user: Identifier<User>
    ) -> Requirement {
        let isChange = action == .write || action == .delete
        return isChange && stage == .production
            ? .project(.maintainer) : Self.requirement(to: action)
    }
}

extension Alert {
    /// An alert may be of no deployment.
    package func requirement(
        to action: PermissionAction, by user: Identifier<User>
    ) -> Requirement {
        deploymentID == nil ? .outsideProjects(action) : Self.requirement(to: action)
    }
}

extension NotificationRule {
    /// A rule may be of no project.
    package func requirement(
        to action: PermissionAction, by user: Identifier<User>
    ) -> Requirement {
        projectID == nil ? .outsideProjects(action) : Self.requirement(to: action)
    }
}

extension NotificationChannel {
    /// Maintainers of any project make channels and look after their own, admins after all.
    package func requirement(
        to action: PermissionAction, by user: Identifier<User>
    ) -> Requirement {
        let isOwn = createdBy == user || createdBy == .unassigned
        return isOwn && action != .purge ? .project(.maintainer) : .organization(.admin)
    }
}

extension APIKey {
    /// A key is its user's, and the admins'.
    package func requirement(
        to action: PermissionAction, by user: Identifier<User>
    ) -> Requirement { .organization(userID == user ? .viewer : .admin) }
}

extension AuditLog {
    /// The trail is read, and added to by hand, by admins.
    package func requirement(
        to action: PermissionAction, by user: Identifier<User>
    ) -> Requirement { .organization(.admin) }
}
