// Repeating it after an interruption goes on where it stopped.
if (!db.hello().setName) {
  rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "mongo:27017" }] });
}
while (!db.hello().isWritablePrimary) {
  sleep(100);
}
const { MONGO_ADMIN_PASSWORD, MONGO_DATABASE, MONGO_PASSWORD, MONGO_RIGHTS, MONGO_USER } = process.env;
const admin = db.getSiblingDB("admin");
try {
  // Without an account only the first one can be made, and with it the door is closed.
  admin.createUser({ user: "admin", pwd: MONGO_ADMIN_PASSWORD, roles: ["root"] });
} catch (error) {
  if (error.codeName !== "Unauthorized") throw error;
}
try {
  admin.auth("admin", MONGO_ADMIN_PASSWORD);
} catch (error) {
  if (error.codeName !== "AuthenticationFailed") throw error;
  print("The data were made with another MONGO_ADMIN_PASSWORD: restore it, or delete them with `invoke db-reset`.");
  quit(1);
}

function bringUser(user, pwd, roles) {
  if (admin.getUser(user)) {
    admin.updateUser(user, { pwd, roles });
  } else {
    admin.createUser({ user, pwd, roles });
  }
}

function bringRole(role, privileges) {
  if (admin.getRole(role)) {
    admin.updateRole(role, { privileges, roles: [] });
  } else {
    admin.createRole({ role, privileges, roles: [] });
  }
}

// Operators: their own database, and the one in which they rehearse a restore, and what they were given since.
// Documents, indexes, and what a backup and a restore need.
const databases = [MONGO_DATABASE, `${MONGO_DATABASE}_rehearsal`];
const own = databases.flatMap((db) => ["readWrite", "dbAdmin"].map((role) => ({ role, db })));
const known = admin.getUser(MONGO_USER);
const kept = known ? known.roles.filter(({ db }) => db !== "admin" && !databases.includes(db)) : [];
bringUser(MONGO_USER, MONGO_PASSWORD, [...kept, ...own]);
// Services: single actions on single collections.
for (const [service, rights] of Object.entries(JSON.parse(MONGO_RIGHTS || "{}"))) {
  const user = `${MONGO_USER}-${service}`;
  const privileges = Object.entries(rights).map(([collection, actions]) => ({
    resource: { db: MONGO_DATABASE, collection },
    actions,
  }));
  bringRole(user, privileges);
  bringUser(user, process.env[`MONGO_${service.toUpperCase()}_PASSWORD`], [{ role: user, db: "admin" }]);
}
