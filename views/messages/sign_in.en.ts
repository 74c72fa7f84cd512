/** First run and sign-in. */
export const signInEn = {
  title: "Sign in",
  name: "Name",
  password: "Password",
  signIn: "Sign in",
  wrong: "Name or password is wrong",
  wait: (seconds: number) =>
    seconds === 1 ? "Too many tries: wait one second" : `Too many tries: wait ${seconds} seconds`,
  signedOut: "You are signed out",
  setUp: {
    title: "Welcome to Keyturn",
    lead:
      "Choose the owner's password. To show that this server is yours, give the setup token that it printed when it started.",
    token: "Setup token",
    tokenHint: "Printed once in the terminal or the log, after the words “Admin key”",
    wrongToken: "This is not the setup token",
    password: "New password",
    passwordHint: "At least 8 characters. It is also the X-Admin-Key of programs",
    repeat: "The same again",
    differs: "The two are not the same",
    begin: "Set password and sign in",
    done: "The password is set",
  },
};

export type SignInMessages = typeof signInEn;
