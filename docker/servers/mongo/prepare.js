// Repeating it after an interruption goes on where it stopped.
if (!db.hello().setName) {
  rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "mongo:27017" }] });
}
while (!db.hello().isWritablePrimary) {
  sleep(100);
}
const { MONGO_ADMIN_PASSWORD, MONGO_DATABASE, MONGO_PASSWORD, MONGO_USER } = process.env;
const admin = db.getSiblingDB("admin");
try {
  // Without an account only the first one can be made, and with it the door is closed.
  admin.createUser({ user: "admin", pwd: MONGO_ADMIN_PASSWORD, roles: ["root"] });
} catch (error) {
  if (error.codeName !== "Unauthorized") throw error;
}
admin.auth("admin", MONGO_ADMIN_PASSWORD);
if (!admin.getUser(MONGO_USER)) {
  // Its own database, and the one in which it rehearses a restore, and nothing else: documents, indexes, and what a backup
  // and a restore need.
  const databases = [MONGO_DATABASE, `${MONGO_DATABASE}_rehearsal`];
  const roles = databases.flatMap((db) => ["readWrite", "dbAdmin"].map((role) => ({ role, db })));
  admin.createUser({ user: MONGO_USER, pwd: MONGO_PASSWORD, roles });
}
